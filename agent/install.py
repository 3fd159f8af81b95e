"""Renders install.sh for one server. Runs on the server alone."""

import hashlib
import re
import shlex
from pathlib import Path

from agent import VERSION, wheel

TEMPLATES = wheel.ROOT / "deploy" / "agent"
SCRIPT = TEMPLATES / "install.sh"
UNIT = TEMPLATES / "itim-agent.service"
ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


def install_script(server_url: str) -> str:
    """The POSIX shell script that installs the agent from the server at this address.

    Raises ValueError for an address that is none: it goes into a script that root runs.
    """
    if not ADDRESS.fullmatch(server_url):
        raise ValueError(f"{server_url!r} is not the address of a server")
    values = {
        "SERVER": server_url.rstrip("/"),
        "WHEEL": wheel.name(),
        "SHA256": hashlib.sha256(wheel.build()).hexdigest(),
        "VERSION": VERSION,
        "MAJOR": str(wheel.PYTHON[0]),
        "MINOR": str(wheel.PYTHON[1]),
    }
    text = SCRIPT.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", shlex.quote(value))
    return text.replace("@UNIT@", unit_text(UNIT))


def unit_text(path: Path) -> str:
    """The systemd unit as it stands in the script's here-document."""
    return path.read_text(encoding="utf-8").rstrip("\n")
