"""Sensors and radio values by the tables of the vendor data."""

import math
import re
from collections.abc import AsyncIterator

from probes.snmp.discovery.reader import Reader, text
from probes.snmp.discovery.rows import Context, Row, rows, said
from probes.snmp.found import SEVERITIES, Sensor, State, Wireless
from probes.snmp.points import Expression, number
from probes.vendors.model import Meaning, SensorTable, Vendor, WirelessTable

# What no such sensor reads: a raw value that means "none", or a factor that is not the device's
BELIEVED = {
    "temperature": (-100, 1000),
    "humidity": (0, 100),
    "charge": (0, 100),
    "load": (0, 1000),
    "percent": (-1000, 1000),
    "dbm": (-100, 100),
    "voltage": (-100_000, 1_000_000),
    "fanspeed": (0, 100_000),
}
UNITS = 9  # EntitySensorDataScale (RFC 3433): 9 is units, each step a factor of 1000


async def read_sensors(
    reader: Reader, vendor: Vendor, table: SensorTable, context: Context
) -> AsyncIterator[Sensor]:
    """The sensors of one table."""
    for row in await rows(reader, table, table.value, context):
        shaped = _shaped(table, row)
        if shaped:
            cls, read, value = shaped
            label = row.render(table.descr) or row.names["entity"] or row.index
            group = row.render(table.group) or None
            name = f"{vendor.file.removesuffix('.toml')}.{table.states}" if cls == "state" else None
            words = {word: int(raw) for word, raw in table.map.items()}
            yield Sensor(cls, label, value, row.oid, row.index, read, group, words, name)


def _shaped(table: SensorTable, row: Row) -> tuple[str, Expression, float] | None:
    cls, factor = _class(table, row)
    raw = _raw(table, row)
    if not cls or raw is None or raw in table.skip:
        return None
    read = Expression(((row.oid, _factor(table, row) * factor),), form=table.convert)
    value = read.value({row.oid: raw})
    if value is None or not math.isfinite(value) or not _believed(table, cls, value):
        return None
    return cls, read, int(value) if value.is_integer() else value


def _class(table: SensorTable, row: Row) -> tuple[str, float]:
    if not table.class_from:
        return table.cls, 1.0
    cls, _, factor = table.classes.get(said(row, table.class_from), "").partition("*")
    return cls, float(factor) if factor else 1.0


def _raw(table: SensorTable, row: Row) -> float | None:
    if table.map:
        return table.map.get(text(row.value))
    if table.pattern:
        match = re.search(table.pattern, text(row.value))
        return number(match.group(1)) if match else None
    return number(row.value)


def _factor(table: SensorTable, row: Row) -> float:
    factor = table.scale
    if table.si:
        factor *= 10.0 ** (3 * (row.number(table.si, UNITS) - UNITS))
    if table.digits:
        factor *= 10.0 ** -row.number(table.digits)
    return factor


def _believed(table: SensorTable, cls: str, value: float) -> bool:
    low, high = BELIEVED.get(cls, (-math.inf, math.inf))
    low = low if table.low is None else table.low
    high = high if table.high is None else table.high
    return low <= value <= high


def state(meaning: Meaning) -> State:
    """A meaning out of the vendor data as Found has it."""
    return State(meaning.text, SEVERITIES.index(meaning.severity))


async def read_wireless(reader: Reader, table: WirelessTable, context: Context) -> list[Wireless]:
    """The radio values of one table: one a row, or their sum, or their number."""
    found = []
    for row in await rows(reader, table, table.value, context):
        shaped = _shaped(table, row)
        if shaped:
            cls, read, value = shaped
            found.append(Wireless(cls, row.render(table.descr), value, row.index, [row.oid], read))
    if found and (table.sum or table.count):
        return [_merged(table, found)]
    return found


def _merged(table: WirelessTable, found: list[Wireless]) -> Wireless:
    terms = tuple(term for item in found for term in item.read.terms)
    total = float(len(found)) if table.count else sum(item.value for item in found)
    read = Expression((), (), total) if table.count else Expression(terms)
    return Wireless(table.cls, table.descr, total, "0", [oid for oid, _ in terms], read)
