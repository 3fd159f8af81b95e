"""Bounded, forgiving reading: what is absent or broken is empty and noted, and harms nothing else."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from probes.snmp.errors import SnmpError, SnmpRowsError, SnmpTimeout
from probes.snmp.values import Value

SILENCE = 3  # reads in a row without an answer, after which the device counts as gone
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")


class Client(Protocol):
    """The part of the SNMP client that discovery needs."""

    async def get(self, oids: Sequence[str]) -> Mapping[str, Value]:
        """Values by OID; absent OIDs are left out."""
        ...

    async def walk(self, base: str) -> Mapping[str, Value]:
        """Values under `base` by the rest of the OID."""
        ...


class Reader:
    """Reads through `client`, each OID once; at most some `reads` requests and `rows` rows a column."""

    def __init__(self, client: Client, reads: int = 1500, rows: int = 20_000) -> None:
        self.client = client
        self.problems: list[str] = []
        self._reads = reads
        self._rows = rows
        self._silent = 0
        self._scalars: dict[str, Value | None] = {}
        self._columns: dict[str, dict[str, Value]] = {}

    @property
    def gone(self) -> bool:
        """True when nothing more is read: the device fell silent, or the bound of requests is reached."""
        return self._silent >= SILENCE or self._reads <= 0

    async def get(self, oids: Iterable[str]) -> dict[str, Value]:
        """The values of those of `oids` that the device has, in as few requests as the client can."""
        wanted = list(dict.fromkeys(oids))
        missing = [oid for oid in wanted if oid not in self._scalars]
        if missing and not self.gone:
            self._scalars |= dict.fromkeys(missing)
            self._scalars.update(await self._get(missing))
        found = ((oid, self._scalars.get(oid)) for oid in wanted)
        return {oid: value for oid, value in found if value is not None}

    async def _get(self, oids: list[str]) -> Mapping[str, Value]:
        self._reads -= 1 + len(oids) // 20
        try:
            values = await self.client.get(oids)
        except SnmpError as error:
            self._note(oids[0], error)
            return {}
        self._silent = 0
        return values

    async def scalar(self, oid: str) -> Value | None:
        """One value; None when the device has none."""
        return (await self.get([oid])).get(oid)

    async def column(self, oid: str) -> dict[str, Value]:
        """Values by index; of an OID that ends in .0 the one value under index "0"."""
        if oid.endswith(".0"):
            value = await self.scalar(oid)
            return {} if value is None else {"0": value}
        if oid not in self._columns:
            self._columns[oid] = {} if self.gone else await self._walk(oid)
        return self._columns[oid]

    async def _walk(self, oid: str) -> dict[str, Value]:
        self._reads -= 1
        try:
            values = await self.client.walk(oid)
        except SnmpError as error:
            self._note(oid, error)
            values = error.rows if isinstance(error, SnmpRowsError) else {}  # type: ignore[assignment]
        else:
            self._silent = 0
        self._reads -= len(values) // 20
        if len(values) > self._rows:
            self.problems.append(f"{oid}: only the first {self._rows} of {len(values)} rows are used")
        return dict(list(values.items())[: self._rows])

    async def table(self, columns: Mapping[str, str]) -> dict[str, dict[str, Value]]:
        """Rows by index, each value by column name."""
        rows: dict[str, dict[str, Value]] = {}
        for name, oid in columns.items():
            for index, value in (await self.column(oid)).items():
                rows.setdefault(index, {})[name] = value
        return rows

    def _note(self, oid: str, error: SnmpError) -> None:
        self._silent = self._silent + 1 if isinstance(error, SnmpTimeout) else 0
        self.problems.append(f"{oid}: {error}")


def decoded(value: bytes) -> str:
    """Octets as UTF-8, else Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def text(value: Value | None) -> str:
    """A value for people: bytes as UTF-8, else Latin-1, without control characters and outer blanks."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = decoded(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return CONTROL.sub("", str(value)).strip()


def integer(value: Value | None, default: int = 0) -> int:
    """A value as an integer; text by its digits; `default` where that cannot be."""
    if isinstance(value, (int, float)):
        return int(value)
    found = text(value)
    return int(found) if re.fullmatch(r"-?\d{1,20}", found) else default


def mac(value: Value | None) -> str:
    """A physical address as hex digits; empty for none. Text such as 0:1b:2:… is understood too."""
    if not isinstance(value, bytes) or not value:
        return ""
    if len(value) in (6, 8, 20):
        return value.hex()
    parts = re.split(r"[:\-]", text(value))
    if len(parts) == 6 and all(re.fullmatch(r"[0-9A-Fa-f]{1,2}", part) for part in parts):
        return "".join(part.zfill(2) for part in parts).lower()
    return value.hex()
