"""Uptime, logged-in users, pending reboot."""

import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from agent.collectors.part import Part, scalar

REQUESTS = (Path("/run/reboot-required"), Path("/var/run/reboot-required"))
MODULES = Path("/lib/modules")
ABI = re.compile(r"^\d[\d.]*-[\d.]+-([a-z].*)$")


def flavor(release: str) -> str:
    """Which line of kernels a release belongs to: amd64, cloud-amd64, generic (Debian, Ubuntu), debug …"""
    found = ABI.match(release)
    return found[1] if found else release.partition("+")[2]


def version_key(release: str) -> tuple[int, ...]:
    """Orders releases of one flavor."""
    return tuple(int(number) for number in re.findall(r"\d+", release))


def newer_kernel(running: str, installed: Iterable[str]) -> str:
    """The newest installed release of the running one's flavor if that is newer, else ""."""
    same = [release for release in installed if flavor(release) == flavor(running)]
    newest = max(same, key=version_key, default="")
    return newest if newest and version_key(newest) > version_key(running) else ""


def reboot_reason(requests: Iterable[Path], running: str, modules: Path) -> str:
    """Why the machine waits for a restart, in one line; "" when it does not."""
    for request in requests:
        if request.exists():
            packages = request.with_name(f"{request.name}.pkgs")
            names = sorted(set(packages.read_text(errors="replace").split())) if packages.is_file() else []
            return "requested by " + (", ".join(names[:10]) or "the system")
    try:
        installed = [entry.name for entry in modules.iterdir() if (entry / "modules.dep").exists()]
    except OSError:
        return ""
    if running not in installed:
        return ""  # a container sees its host's kernel, and a live system has no modules of its own
    newest = newer_kernel(running, installed)
    return f"kernel {newest} is installed, {running} runs" if newest else ""


def windows_reboot_reason() -> str:
    """Windows Update and component servicing leave a registry key until the restart."""
    import winreg  # exists on Windows alone

    base = r"SOFTWARE\Microsoft\Windows\CurrentVersion"
    for key in (r"WindowsUpdate\Auto Update\RebootRequired", r"Component Based Servicing\RebootPending"):
        try:
            winreg.CloseKey(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{base}\{key}"))  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            continue
        return "requested by " + key.split("\\")[0]
    return ""


def uptime() -> float:
    """Seconds since the start of the machine; time asleep counts, a changed clock does not (Linux)."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return float(time.clock_gettime(time.CLOCK_BOOTTIME))
    return max(0.0, time.time() - float(psutil.boot_time()))


def pending_reboot() -> str | None:
    """The reason, "" for none, None where this system does not tell."""
    if sys.platform == "linux":
        return reboot_reason(REQUESTS, os.uname().release, MODULES)
    return windows_reboot_reason() if sys.platform == "win32" else None


class Collector:
    def read(self) -> Part:
        columns = [scalar("uptime", uptime()), scalar("users.count", len(psutil.users()))]
        reason = pending_reboot()
        if reason is not None:
            columns.append(scalar("reboot.pending", int(bool(reason))))
        return Part(columns, {"reboot": reason} if reason else {})
