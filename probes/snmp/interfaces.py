"""The interface columns of a poll (IF-MIB, RFC 2863): walk them, turn them into metrics by interface."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from probes.readings import SCALAR, Column
from probes.snmp.client import SnmpClient, Value
from probes.snmp.discovery.reader import decoded, text

_IF: Final = "1.3.6.1.2.1.2.2.1"
_IFX: Final = "1.3.6.1.2.1.31.1.1.1"
NAME: Final = f"{_IFX}.1"
DESCR: Final = f"{_IF}.2"
SPEED: Final = f"{_IF}.5"
ADMIN: Final = f"{_IF}.7"
OPER: Final = f"{_IF}.8"
HIGH_SPEED: Final = f"{_IFX}.15"

# metric → (64-bit column, the 32-bit one that stands in)
HIGH_COUNTERS: Final = {
    "if.in.octets": (f"{_IFX}.6", f"{_IF}.10"),
    "if.out.octets": (f"{_IFX}.10", f"{_IF}.16"),
    "if.in.packets": (f"{_IFX}.7", f"{_IF}.11"),
    "if.out.packets": (f"{_IFX}.11", f"{_IF}.17"),
}
LOW_COUNTERS: Final = {
    "if.in.errors": f"{_IF}.14",
    "if.out.errors": f"{_IF}.20",
    "if.in.discards": f"{_IF}.13",
    "if.out.discards": f"{_IF}.19",
}
_UP: Final = 1
_COUNTER32: Final = "counter32"

Rows = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Names:
    """Interfaces in order: their ifIndex and, position by position, their unique names."""

    indexes: list[str]
    instances: tuple[str, ...]

    def values(self, rows: Mapping[str, Any]) -> list[Any]:
        """The column's values in our order; None where a row is absent. Cheap when nothing is absent."""
        if list(rows) == self.indexes:
            return list(rows.values())
        return [rows.get(index) for index in self.indexes]


async def read(client: SnmpClient, high: bool, columns: list[Column]) -> None:
    """Walk the interfaces and append their columns to `columns`, which keeps what was read if this raises.

    `high`: whether to try 64-bit counters (v1 has none). Names are walked along with the rest, so that
    renumbered interfaces keep their series.
    """
    names, admin, oper = await _names(client)
    if not names.indexes:
        return
    columns.append(Column("if.count", SCALAR, (len(names.indexes),)))
    columns.append(Column("if.up", names.instances, _up(names, admin, oper)))
    await _speed(client, names, columns)
    await _low(client, names, columns)
    await _high(client, names, columns, high)


async def _names(client: SnmpClient) -> tuple[Names, Rows, Rows]:
    name = await client.walk(NAME)
    client.expect_rows(len(name))
    admin, oper = await client.walk_many((ADMIN, OPER))
    found = {index: called(value) for index, value in name.items()}
    complete = found and all(found.values()) and all(index in found for index in oper)
    if complete:
        return Names(list(found), unique(list(found), list(found.values()))), admin, oper
    descr = await client.walk(DESCR)
    indexes = list(dict.fromkeys((*name, *descr, *oper)))
    client.expect_rows(len(indexes))
    texts = [found.get(index) or called(descr.get(index)) or f"if{index}" for index in indexes]
    return Names(indexes, unique(indexes, texts)), admin, oper


def called(value: Value | None) -> str:
    """The name in ifName or ifDescr, empty for none; thousands a minute, most of them plain."""
    plain = decoded(value) if isinstance(value, bytes) else text(value)
    if plain.isprintable() and "  " not in plain:
        return plain.strip()
    return tidy(text(value))


def tidy(name: str) -> str:
    """A name as people read it, and as the inventory keeps it: printable, single blanks."""
    words = ("".join(filter(str.isprintable, word)) for word in name.split())
    return " ".join(filter(None, words))


def unique(indexes: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Names with "#ifIndex" behind each that occurs twice."""
    if len(set(texts)) == len(texts):
        return tuple(texts)
    seen = Counter(texts)
    return tuple(f"{t}#{i}" if seen[t] > 1 else t for i, t in zip(indexes, texts, strict=True))


def _up(names: Names, admin: Rows, oper: Rows) -> list[int | None]:
    """1 when up, 0 when it should be and is not, None when switched off or not told."""
    pairs = zip(names.values(admin), names.values(oper), strict=True)
    return [1 if o == _UP else 0 if a == _UP and o is not None else None for a, o in pairs]


async def _speed(client: SnmpClient, names: Names, columns: list[Column]) -> None:
    high = await client.walk(HIGH_SPEED)
    values: list[float | None]
    if high:
        values = [s * 1e6 if isinstance(s, int) else None for s in names.values(high)]
    else:
        values = [float(s) if isinstance(s, int) else None for s in names.values(await client.walk(SPEED))]
    columns.append(Column("if.speed", names.instances, values))


async def _low(client: SnmpClient, names: Names, columns: list[Column]) -> None:
    found: list[Rows] = []
    try:
        await client.walk_many(tuple(LOW_COUNTERS.values()), into=found)
    finally:
        for metric, rows in zip(LOW_COUNTERS, found, strict=False):
            columns.append(Column(metric, names.instances, _counts(names, rows), _COUNTER32))


async def _high(client: SnmpClient, names: Names, columns: list[Column], high: bool) -> None:
    found: list[Rows] = []
    if high:
        await client.walk_many([wide for wide, _ in HIGH_COUNTERS.values()], into=found)
    for metric, rows in zip(HIGH_COUNTERS, found or [{}] * len(HIGH_COUNTERS), strict=True):
        values = _counts(names, rows)
        if not rows:
            narrow = _counts(names, await client.walk(HIGH_COUNTERS[metric][1]))
            columns.append(Column(metric, names.instances, narrow, _COUNTER32))
        elif None in values:
            await _mixed(client, names, metric, values, columns)
        else:
            columns.append(Column(metric, names.instances, values))


async def _mixed(
    client: SnmpClient, names: Names, metric: str, values: list[int | None], columns: list[Column]
) -> None:
    """Some interfaces have 64-bit counters, others only 32-bit ones: a column for each sort."""
    narrow = _counts(names, await client.walk(HIGH_COUNTERS[metric][1]))
    for kind, chosen in (("", values), (_COUNTER32, narrow)):
        picked = [
            (name, value)
            for name, value, wide in zip(names.instances, chosen, values, strict=True)
            if value is not None and (wide is not None) == (kind == "")
        ]
        if picked:
            instances, numbers = zip(*picked, strict=True)
            columns.append(Column(metric, instances, numbers, kind))


def _counts(names: Names, rows: Rows) -> list[int | None]:
    values = names.values(rows)
    if set(map(type, values)) == {int}:
        return values
    return [value if isinstance(value, int) and value >= 0 else None for value in values]
