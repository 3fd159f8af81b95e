"""Services of systemd: how many are loaded, which have failed."""

import shutil
from pathlib import Path

from agent.collectors.part import Part, scalar
from agent.command import CommandFailed, output
from probes.readings import Column

BOOTED = Path("/run/systemd/system")  # sd_booted(3)
LIST = ("--no-legend", "--plain", "--no-pager", "--full")
NOTED = 20


def parse_units(text: str) -> dict[str, str]:
    """Unit → active state, from `systemctl list-units`; units that only others mention are left out."""
    units = {}
    for line in text.splitlines():
        fields = line.replace("●", " ").split(None, 4)
        if len(fields) >= 4 and fields[1] != "not-found":
            units[fields[0].removesuffix(".service")] = fields[2]
    return units


def columns(units: dict[str, str]) -> list[Column]:
    return [
        scalar("service.count", len(units)),
        scalar("service.failed", len(failed(units))),
    ]


def failed(units: dict[str, str]) -> list[str]:
    return sorted(name for name, state in units.items() if state == "failed")


def systemctl() -> str | None:
    """The program's path, where systemd runs this machine."""
    return shutil.which("systemctl") if BOOTED.is_dir() else None


class Collector:
    def __init__(self) -> None:
        self._program = systemctl()

    def read(self) -> Part:
        if not self._program:
            return Part([], {})
        try:
            units = parse_units(output([self._program, "list-units", "--type=service", "--all", *LIST]))
        except CommandFailed as error:
            return Part([], {"services": str(error)})
        names = failed(units)
        return Part(columns(units), {"service.failed": ", ".join(names[:NOTED])} if names else {})
