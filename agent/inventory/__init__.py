"""What this machine is made of: hardware, system, addresses, disks, packages, people, services."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.inventory import hardware, interfaces, operating_system, packages, people, storage, units

ROOT = Path("/")

PARTS: dict[str, Callable[[Path], Any]] = {
    "hardware": hardware.read,
    "os": operating_system.read,
    "interfaces": interfaces.read,
    "disks": storage.read,
    "packages": packages.read,
    "users": people.read,
    "services": units.read,
}


def read(root: Path = ROOT) -> tuple[dict[str, Any], dict[str, str]]:
    """The inventory by part, and why a part could not be read (it is left out then)."""
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, part in PARTS.items():
        try:
            found[name] = part(root)
        except Exception as error:  # odd hardware or a damaged database must not hide the rest
            errors[name] = f"{type(error).__name__}: {error}"
    return found, errors


def text(inventory: dict[str, Any]) -> bytes:
    """The inventory's JSON, the same for the same content."""
    return json.dumps(inventory, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        errors="replace"
    )


def digest(content: bytes) -> str:
    """Tells one inventory from another."""
    return hashlib.sha256(content).hexdigest()


def signature(root: Path = ROOT) -> tuple[Any, ...]:
    """Something cheap that changes when the inventory may have: to look at in every cycle."""
    stamps: list[int | None] = []
    for path in (*packages.DATABASES, *people.FILES, *operating_system.FILES):
        try:
            stamps.append((root / path).stat().st_mtime_ns)
        except OSError:
            stamps.append(None)
    return (*stamps, interfaces.signature())
