"""Printer-MIB (RFC 3805): toner, drums, waste boxes."""

from collections.abc import Mapping

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Supply
from probes.snmp.points import Expression, share
from probes.snmp.values import Value

BASE = "1.3.6.1.2.1.43.11.1.1"
COLUMNS = {
    "class": f"{BASE}.4",
    "type": f"{BASE}.5",
    "descr": f"{BASE}.6",
    "capacity": f"{BASE}.8",
    "level": f"{BASE}.9",
}
RECEPTACLE = 4
FULL_WITHOUT_LEVEL, UNKNOWN_CAPACITY = -3, -2
TYPES = {
    1: "other", 3: "toner", 4: "wasteToner", 5: "ink", 6: "inkCartridge", 7: "inkRibbon", 8: "wasteInk",
    9: "opc", 10: "developer", 11: "fuserOil", 15: "fuser", 16: "coronaWire", 20: "cleanerUnit",
    21: "tonerCartridge", 32: "staples",
}  # fmt: skip


async def read_supplies(reader: Reader) -> list[Supply]:
    """Supplies whose level is known."""
    found = (_supply(index, row) for index, row in (await reader.table(COLUMNS)).items())
    return [supply for supply in found if supply]


def _supply(index: str, row: Mapping[str, Value]) -> Supply | None:
    capacity, level = integer(row.get("capacity")), integer(row.get("level"), -2)
    oid = f"{COLUMNS['level']}.{index}"
    if level == FULL_WITHOUT_LEVEL:  # some remain: RFC 3805 gives no number
        return None
    if level < 0:
        return None
    read, percent = _level(index, oid, capacity, level)
    kind = TYPES.get(integer(row.get("type")), "supply")
    return Supply(text(row.get("descr")), kind, index, oid, float(capacity), percent, read)


def _level(index: str, oid: str, capacity: int, level: int) -> tuple[Expression, float]:
    """Level over capacity; agents that give no capacity (-2, 0) mean percent by the level."""
    if capacity <= 0:
        return Expression(((oid, 1.0),)), float(level)
    total = ((f"{COLUMNS['capacity']}.{index}", 1.0),)
    return share(((oid, 1.0),), total), 100 * level / capacity
