"""Services that start with the machine: systemd's enabled units."""

from pathlib import Path

from agent.collectors.services import LIST, systemctl
from agent.command import CommandFailed, output


def parse(text: str) -> list[dict[str, str]]:
    """From `systemctl list-unit-files`: unit, state, preset."""
    rows = [line.split() for line in text.splitlines()]
    return sorted(
        ({"name": row[0].removesuffix(".service"), "state": row[1]} for row in rows if len(row) >= 2),
        key=lambda unit: unit["name"],
    )


def read(root: Path) -> list[dict[str, str]]:
    """None where systemd does not run the machine, or does not answer."""
    program = systemctl()
    if not program:
        return []
    command = [program, "list-unit-files", "--type=service", "--state=enabled", *LIST]
    try:
        return parse(output(command))
    except CommandFailed:
        return []
