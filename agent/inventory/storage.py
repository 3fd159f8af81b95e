"""Disks: name, model, serial, size."""

from pathlib import Path
from typing import Any

from agent.collectors.disks import NOT_A_DISK
from agent.inventory.files import first_line

SECTOR = 512  # the unit of /sys/block/*/size whatever the disk's own is


def read(root: Path) -> list[dict[str, Any]]:
    """From /sys/block; none on systems without it. Size in bytes."""
    try:
        names = sorted(entry.name for entry in (root / "sys/block").iterdir())
    except OSError:
        return []
    rows = [row(root / "sys/block" / name) for name in names if not NOT_A_DISK.match(name)]
    return [found for found in rows if found["size"]]


def row(path: Path) -> dict[str, Any]:
    sectors = first_line(path / "size")
    rotates = first_line(path / "queue/rotational")
    return {
        "name": path.name,
        "vendor": first_line(path / "device/vendor"),
        "model": first_line(path / "device/model"),
        "serial": first_line(path / "device/serial") or first_line(path / "serial"),
        "size": int(sectors) * SECTOR if sectors.isdecimal() else 0,
        "rotational": {"0": False, "1": True}.get(rotates),
    }
