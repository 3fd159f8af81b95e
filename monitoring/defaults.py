"""Which checks a device gets by itself: one table, by the kind of its role, its platform and login.

A line of the table is due where all that it names agrees. Of lines of one kind and port the first that fits
counts. To give devices of one more kind a check, add a line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from inventory.models import DeviceRole

SNMP_LOGINS: Final = frozenset({"snmp-community", "snmp-user"})
MINUTE: Final = 60
Identity = tuple[str, Any]
Kind = DeviceRole.Kind


@dataclass(frozen=True, slots=True)
class Default:
    """A check by default. Empty `devices` (kinds of role) and platforms (keys) stand for any."""

    kind: str
    interval: int
    devices: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    logins: frozenset[str] = frozenset()
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        return identity(self.kind, self.options)


@dataclass(frozen=True, slots=True)
class Traits:
    """What the table looks at; empty texts for what is not known."""

    device: str = ""
    platform: str = ""
    login: str = ""


def identity(kind: str, options: Mapping[str, Any]) -> Identity:
    """What makes two checks of a device the same: a person's own one to that port stands for the default."""
    return (kind, options.get("port")) if kind == "tcp" else (kind, None)


TABLE: Final = (
    # A person's machine is switched off at will: looked at seldom, and no rule of ours calls that "down".
    Default("ping", 5 * MINUTE, devices=frozenset({Kind.WORKSTATION})),
    Default("ping", MINUTE),
    # Toner and pages move slowly, and asking wakes a printer up.
    Default("snmp", 5 * MINUTE, devices=frozenset({Kind.PRINTER}), logins=SNMP_LOGINS),
    Default("snmp", MINUTE, logins=SNMP_LOGINS),
    # A server that answers ping and lets nobody in is down for whoever runs it.
    Default(
        "tcp", MINUTE, frozenset({Kind.SERVER}), frozenset({"windows"}), name="RDP", options={"port": 3389}
    ),
    Default("tcp", MINUTE, frozenset({Kind.SERVER}), frozenset({"linux"}), name="SSH", options={"port": 22}),
)


def due(traits: Traits, table: Iterable[Default] = TABLE) -> list[Default]:
    """The lines that fit a device."""
    found: dict[Identity, Default] = {}
    for line in table:
        if _fits(line, traits):
            found.setdefault(line.identity, line)
    return list(found.values())


def _fits(line: Default, traits: Traits) -> bool:
    pairs = ((line.devices, traits.device), (line.platforms, traits.platform), (line.logins, traits.login))
    return all(not wanted or value in wanted for wanted, value in pairs)
