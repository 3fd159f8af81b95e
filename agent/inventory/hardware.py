"""Maker, model, serial, processor, memory: from DMI (SMBIOS) or the device tree, without dmidecode."""

import platform
import re
from pathlib import Path
from typing import Any

import psutil

from agent.inventory.files import first_line

DMI = Path("sys/class/dmi/id")
TREE = Path("sys/firmware/devicetree/base")
PLACEHOLDER = re.compile(
    r"^(to be filled.*|default string|system (manufacturer|product name|serial number|version)"
    r"|not (specified|applicable|available)|none|n/?a|unknown|o\.?e\.?m\.?|[0.x-]+)$",
    re.IGNORECASE,
)
CPU_KEYS = ("model name", "Model", "Hardware", "cpu")


def known(text: str) -> str:
    """The text, or "" for what makers leave in SMBIOS fields they did not fill."""
    return "" if PLACEHOLDER.match(text) else text


def dmi(root: Path, *names: str) -> str:
    """The first DMI field among the names that says something."""
    return next(filter(None, (known(first_line(root / DMI / name)) for name in names)), "")


def cpu_model(cpuinfo: str) -> str:
    """The processor's name in /proc/cpuinfo: its key differs by architecture."""
    pairs = [line.split(":", 1) for line in cpuinfo.splitlines() if ":" in line]
    values = {key.strip(): " ".join(value.split()) for key, value in reversed(pairs)}
    return next((values[key] for key in CPU_KEYS if values.get(key)), "")


def processor(root: Path) -> str:
    try:
        return cpu_model((root / "proc/cpuinfo").read_text(errors="replace")) or platform.processor()
    except OSError:
        return platform.processor()


def read(root: Path) -> dict[str, Any]:
    """Memory in bytes; cores as the system schedules them. Serials are for root's eyes alone on Linux."""
    return {
        "vendor": dmi(root, "sys_vendor", "board_vendor"),
        "model": dmi(root, "product_name", "board_name") or first_line(root / TREE / "model"),
        "version": dmi(root, "product_version"),
        "serial": dmi(root, "product_serial", "chassis_serial", "board_serial")
        or first_line(root / TREE / "serial-number"),
        "asset_tag": dmi(root, "chassis_asset_tag"),
        "bios": dmi(root, "bios_version"),
        "cpu": processor(root),
        "cores": psutil.cpu_count() or 0,
        "memory": psutil.virtual_memory().total,
    }
