"""A client that answers from a walk in memory, and the two formats that walks are recorded in."""

import bz2
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from probes.snmp.errors import SnmpError
from probes.snmp.values import Value

INTEGERS = {"2", "65", "66", "67", "70"}


def parts(oid: str) -> tuple[int, ...]:
    """An OID as numbers, which is how OIDs are ordered."""
    return tuple(map(int, oid.split(".")))


class WalkClient:
    """Serves `walk`; raises `errors[base]` for what lies at or below base. Counts its `requests`."""

    def __init__(self, walk: Mapping[str, Value], errors: Mapping[str, SnmpError] | None = None) -> None:
        self.values = dict(walk)
        self.order = sorted(self.values, key=parts)
        self.errors = dict(errors or {})
        self.requests = 0

    def _refuse(self, oid: str) -> None:
        self.requests += 1
        for base, error in self.errors.items():
            if f"{oid}.".startswith(f"{base}."):
                raise error

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """As the SNMP client's."""
        for oid in oids:
            self._refuse(oid)
        return {oid: self.values[oid] for oid in oids if oid in self.values}

    async def walk(self, base: str) -> dict[str, Value]:
        """As the SNMP client's."""
        self._refuse(base)
        head = f"{base}."
        return {oid[len(head) :]: self.values[oid] for oid in self.order if oid.startswith(head)}


def recorded(path: Path) -> dict[str, Value]:
    """A recording (OID|TAG|VALUE a line, bz2 or plain); lines that are none are left out."""
    raw = path.read_bytes()
    lines = (bz2.decompress(raw) if path.suffix == ".bz2" else raw).decode("latin-1").splitlines()
    return dict(_values(lines))


def _values(lines: Iterable[str]) -> Iterable[tuple[str, Value]]:
    for line in lines:
        fields = line.split("|", 2)
        oid = fields[0].strip(".")
        if len(fields) == 3 and oid.replace(".", "").isdigit():
            try:
                yield oid, _value(fields[1], fields[2])
            except ValueError:
                continue


def _value(tag: str, value: str) -> Value:
    if tag in INTEGERS:
        return int(value)
    if tag == "6":
        return value.strip(".")
    raw = bytes.fromhex(value) if tag.endswith("x") else value.encode("latin-1")
    return ".".join(map(str, raw)) if tag == "64x" else value if tag == "64" else raw
