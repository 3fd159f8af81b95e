"""The one table of metrics: what the names in columns mean. Add yours beside those of its domain."""

from dataclasses import dataclass
from typing import Final, Literal

MetricKind = Literal["gauge", "counter32", "counter64", "state"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`unit` is the unit as stored: of a counter that of its rate. A state is a small whole number."""

    name: str
    label: str
    unit: str = ""
    kind: MetricKind = "gauge"


_TABLE: Final = (
    # every check
    Metric("check.up", "Answers", "", "state"),
    Metric("check.duration", "Duration of the check", "s"),
    # the monitoring itself
    Metric("agent.cpu", "CPU used by the agent", "%"),
    Metric("agent.memory", "Memory used by the agent", "B"),
    Metric("agent.spool", "Readings that the agent holds back", "B"),
    Metric("agent.lost", "Readings that the agent lost since its start"),
    # compute
    Metric("cpu.usage", "CPU usage", "%"),
    Metric("cpu.mode", "CPU time by mode", "%"),
    Metric("cpu.core.usage", "CPU usage by core", "%"),
    Metric("cpu.load1", "Load, 1 minute"),
    Metric("cpu.load5", "Load, 5 minutes"),
    Metric("cpu.load15", "Load, 15 minutes"),
    Metric("memory.usage", "Memory usage", "%"),
    Metric("memory.used", "Memory used", "B"),
    Metric("memory.total", "Memory", "B"),
    Metric("memory.available", "Memory available", "B"),
    Metric("memory.buffers", "Memory in buffers", "B"),
    Metric("memory.cached", "Memory in cache", "B"),
    Metric("swap.usage", "Swap usage", "%"),
    Metric("swap.used", "Swap used", "B"),
    Metric("swap.total", "Swap", "B"),
    Metric("swap.in.bytes", "Swapped in", "B/s", "counter64"),
    Metric("swap.out.bytes", "Swapped out", "B/s", "counter64"),
    # storage
    Metric("disk.usage", "Disk usage", "%"),
    Metric("disk.used", "Disk used", "B"),
    Metric("disk.total", "Disk size", "B"),
    Metric("disk.inodes.usage", "Inode usage", "%"),
    Metric("disk.read.bytes", "Disk read", "B/s", "counter64"),
    Metric("disk.write.bytes", "Disk written", "B/s", "counter64"),
    Metric("disk.read.operations", "Disk reads", "1/s", "counter64"),
    Metric("disk.write.operations", "Disk writes", "1/s", "counter64"),
    Metric("disk.busy", "Disk busy", "%"),
    # system
    Metric("uptime", "Uptime", "s"),
    Metric("users.count", "Users logged in"),
    Metric("process.count", "Processes"),
    Metric("process.threads", "Threads"),
    Metric("process.zombies", "Zombie processes"),
    Metric("service.count", "Services"),
    Metric("service.active", "Service runs", "", "state"),
    Metric("service.failed", "Failed services"),
    Metric("reboot.pending", "Reboot pending", "", "state"),
    # interfaces
    Metric("if.up", "Interface up", "", "state"),
    Metric("if.speed", "Interface speed", "bit/s"),
    Metric("if.count", "Interfaces"),
    Metric("if.table.changed", "Uptime when interfaces came or went", "s"),
    Metric("if.in.octets", "Received", "B/s", "counter64"),
    Metric("if.out.octets", "Sent", "B/s", "counter64"),
    Metric("if.in.packets", "Packets received", "1/s", "counter64"),
    Metric("if.out.packets", "Packets sent", "1/s", "counter64"),
    Metric("if.in.errors", "Receive errors", "1/s", "counter64"),
    Metric("if.out.errors", "Send errors", "1/s", "counter64"),
    Metric("if.in.discards", "Receive discards", "1/s", "counter64"),
    Metric("if.out.discards", "Send discards", "1/s", "counter64"),
    # sensors
    Metric("temperature", "Temperature", "°C"),
    Metric("fan", "Fan speed", "rpm"),
    Metric("voltage", "Voltage", "V"),
    Metric("current", "Current", "A"),
    Metric("power", "Power", "W"),
    Metric("power.factor", "Power factor"),
    Metric("energy", "Energy used", "kWh"),
    Metric("humidity", "Humidity", "%"),
    Metric("frequency", "Frequency", "Hz"),
    Metric("pressure", "Pressure", "kPa"),
    Metric("airflow", "Air flow", "cfm"),
    Metric("waterflow", "Water flow", "l/m"),
    Metric("cooling", "Cooling", "W"),
    Metric("optical.power", "Optical power", "dBm"),
    Metric("signal", "Signal", "dBm"),
    Metric("load", "Load of the supply", "%"),
    Metric("percent", "Share", "%"),
    Metric("sensor.count", "Count"),
    Metric("sensor.state", "State of a sensor", "", "state"),
    # power and consumables
    Metric("battery.charge", "Battery charge", "%"),
    Metric("battery.runtime", "Battery runtime", "min"),
    Metric("battery.remaining", "Battery time left", "s"),
    Metric("battery.mains", "On mains", "", "state"),
    Metric("supply.level", "Level of a supply", "%"),
    # reachability
    Metric("ping.rtt", "Round trip, average", "s"),
    Metric("ping.rtt.min", "Round trip, shortest", "s"),
    Metric("ping.rtt.max", "Round trip, longest", "s"),
    Metric("ping.loss", "Packet loss", "%"),
    Metric("tcp.connect", "Time to connect", "s"),
    # web, certificates, names
    Metric("http.status", "HTTP status", "", "state"),
    Metric("http.match", "Content as expected", "", "state"),
    Metric("http.value", "Value in the content"),
    Metric("http.size", "Size of the content", "B"),
    Metric("http.total", "HTTP, whole request", "s"),
    Metric("http.dns", "HTTP, name lookup", "s"),
    Metric("http.connect", "HTTP, connect", "s"),
    Metric("http.tls", "HTTP, TLS handshake", "s"),
    Metric("http.first_byte", "HTTP, first byte", "s"),
    Metric("http.transfer", "HTTP, transfer", "s"),
    Metric("tls.days", "Certificate days left", "d"),
    Metric("tls.trusted", "Certificate trusted", "", "state"),
    Metric("dns.time", "Time to answer", "s"),
    Metric("dns.match", "Answer as expected", "", "state"),
)

METRICS: Final[dict[str, Metric]] = {metric.name: metric for metric in _TABLE}
if len(METRICS) != len(_TABLE):
    raise ValueError("probes.metrics: a name stands in the table twice")
