"""The rules and checks that ITIM brings along: data, written once into the database by a migration."""

from typing import Any

MINUTE, HOUR = 60, 3600
PSEUDO = r"^(/dev|/run|/sys|/proc|/snap|/boot/efi)(/|$)"

# key, name, metric, operator, threshold, recovery, for, severity, more
_RULES: tuple[tuple[str, str, str, str, float, float | None, int, str, dict[str, Any]], ...] = (
    ("device-down", "Device down", "check.up", "==", 0, None, MINUTE, "critical",
     {"selector": {"kind": ["ping"], "status": ["active"]}}),
    ("check-failed", "Check fails", "check.up", "==", 0, None, 3 * MINUTE, "warning",
     {"selector": {"kind": ["snmp", "tcp", "http", "tls", "dns"], "status": ["active"]}}),
    ("no-data", "No data", "check.age", ">", 5 * MINUTE, 3 * MINUTE, 0, "critical",
     {"selector": {"status": ["active"]}}),
    ("interface-down", "Interface down that was up", "if.up", "==", 0, None, MINUTE, "warning",
     {"only_after_ok": True,
      "selector": {"status": ["active"], "not_instance": r"^(lo|veth|docker|br-|virbr|tun|tap|Null)"}}),
    ("interface-errors-in", "Receive errors on an interface", "if.in.errors", ">", 1, 0.1, 10 * MINUTE,
     "warning", {}),
    ("interface-errors-out", "Send errors on an interface", "if.out.errors", ">", 1, 0.1, 10 * MINUTE,
     "warning", {}),
    ("interface-discards", "Packets dropped by an interface", "if.out.discards", ">", 50, 10, 15 * MINUTE,
     "info", {}),
    ("cpu", "CPU busy", "cpu.usage", ">", 90, 80, 15 * MINUTE, "warning", {}),
    ("memory", "Memory nearly used up", "memory.usage", ">", 92, 85, 10 * MINUTE, "warning", {}),
    ("swap", "Swap in heavy use", "swap.usage", ">", 80, 60, 15 * MINUTE, "warning", {}),
    ("disk", "Disk nearly full", "disk.usage", ">", 90, 87, 5 * MINUTE, "warning",
     {"selector": {"not_instance": PSEUDO}}),
    ("disk-full", "Disk full", "disk.usage", ">", 97, 95, 2 * MINUTE, "critical",
     {"selector": {"not_instance": PSEUDO}}),
    ("inodes", "Inodes nearly used up", "disk.inodes.usage", ">", 90, 87, 5 * MINUTE, "warning",
     {"selector": {"not_instance": PSEUDO}}),
    ("temperature", "Temperature high", "temperature", ">", 80, 75, 5 * MINUTE, "warning", {}),
    ("services", "Failed services", "service.failed", ">", 0, None, 5 * MINUTE, "warning", {}),
    ("packet-loss", "Packets lost on the way", "ping.loss", ">", 20, 5, 5 * MINUTE, "warning",
     {"selector": {"status": ["active"]}}),
    ("certificate", "Certificate ends soon", "tls.days", "<", 21, 22, 0, "warning", {}),
    ("certificate-critical", "Certificate ends within days", "tls.days", "<", 5, 6, 0, "critical", {}),
    ("http-content", "Page not as expected", "http.match", "==", 0, None, 2 * MINUTE, "warning", {}),
    ("dns-answer", "Name resolves to something else", "dns.match", "==", 0, None, 2 * MINUTE, "warning", {}),
    ("on-battery", "On battery", "battery.mains", "==", 0, None, MINUTE, "critical",
     {"only_after_ok": True}),
    ("battery", "Battery low", "battery.charge", "<", 30, 40, 2 * MINUTE, "critical", {}),
    ("supply", "Printer supply nearly empty", "supply.level", "<", 8, 12, HOUR, "info", {}),
)  # fmt: skip


def rules() -> list[dict[str, Any]]:
    """The rules as fields of monitoring.models.Rule."""
    names = ("key", "name", "metric", "operator", "threshold", "recovery", "for_seconds", "severity")
    return [{**dict(zip(names, row[:-1], strict=True)), **row[-1]} for row in _RULES]
