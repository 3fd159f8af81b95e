"""Accounts of people on this machine, from /etc/passwd (passwd(5)); not those of a directory (LDAP)."""

from pathlib import Path
from typing import Any

FILES = ("etc/passwd",)
PEOPLE = range(1000, 60000)  # login.defs(5): UID_MIN and UID_MAX
NO_SHELLS = ("nologin", "false", "sync")


def parse(text: str) -> list[dict[str, Any]]:
    """Accounts with a person's number and a shell to log in with."""
    found = []
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isdecimal() and int(fields[2]) in PEOPLE:
            name, _, number, _, gecos, home, shell = fields
            if shell.rpartition("/")[2] not in NO_SHELLS:
                full_name = gecos.partition(",")[0]
                found.append(
                    {"name": name, "uid": int(number), "full_name": full_name, "home": home, "shell": shell}
                )
    return sorted(found, key=lambda user: user["uid"])


def read(root: Path) -> list[dict[str, Any]]:
    try:
        return parse((root / FILES[0]).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return []
