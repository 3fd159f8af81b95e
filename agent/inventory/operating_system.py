"""Operating system: /etc/os-release (os-release(5)) or what Python's platform knows."""

import platform
import shlex
from pathlib import Path

FILES = ("etc/os-release", "usr/lib/os-release")


def parse_release(text: str) -> dict[str, str]:
    """NAME=value lines, quoted as in a shell; lines that are not such are left out."""
    values = {}
    for line in text.splitlines():
        name, equals, quoted = line.strip().partition("=")
        if equals and not name.startswith("#"):
            try:
                values[name] = "".join(shlex.split(quoted))
            except ValueError:
                continue
    return values


def release(root: Path) -> dict[str, str]:
    for name in FILES:
        try:
            return parse_release((root / name).read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    return {}


def read(root: Path) -> dict[str, str]:
    found = release(root)
    version = found.get("VERSION_ID") or found.get("BUILD_ID") or ""
    return {
        "name": found.get("NAME") or platform.system(),
        "version": version or ("" if found else platform.version()),
        "title": title(root),
        "id": found.get("ID", ""),
        "kernel": platform.release(),
        "arch": platform.machine(),
    }


def title(root: Path = Path("/")) -> str:
    """The system in words: "Debian GNU/Linux 12 (bookworm)"."""
    return release(root).get("PRETTY_NAME") or f"{platform.system()} {platform.release()}"
