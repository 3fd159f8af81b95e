"""The registry of kinds of probes. A new kind is a module with a KIND, named here."""

from collections.abc import Iterable
from typing import Final

from probes import dns, http, ping, tcp, tls
from probes.kind import Kind
from probes.snmp import poll

__all__ = ["KINDS", "Kind", "registry"]


def registry(kinds: Iterable[Kind]) -> dict[str, Kind]:
    """Kinds by name; a second of the same name is an error."""
    found: dict[str, Kind] = {}
    for kind in kinds:
        if kind.name in found:
            raise ValueError(f"two kinds of probes are named {kind.name}")
        found[kind.name] = kind
    return found


KINDS: Final = registry((poll.KIND, ping.KIND, tcp.KIND, http.KIND, tls.KIND, dns.KIND))
