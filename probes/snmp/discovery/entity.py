"""ENTITY-MIB (RFC 6933): physical parts."""

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Part

BASE = "1.3.6.1.2.1.47.1.1.1.1"
COLUMNS = {
    "descr": f"{BASE}.2",
    "parent": f"{BASE}.4",
    "cls": f"{BASE}.5",
    "name": f"{BASE}.7",
    "hw": f"{BASE}.8",
    "fw": f"{BASE}.9",
    "sw": f"{BASE}.10",
    "serial": f"{BASE}.11",
    "mfg": f"{BASE}.12",
    "model": f"{BASE}.13",
}
CLASSES = {
    1: "other", 2: "unknown", 3: "chassis", 4: "backplane", 5: "container", 6: "powerSupply", 7: "fan",
    8: "sensor", 9: "module", 10: "port", 11: "stack", 12: "cpu",
}  # fmt: skip


async def read_parts(reader: Reader) -> list[Part]:
    """All parts by index."""
    rows = await reader.table(COLUMNS)
    parts = []
    for index, row in rows.items():
        if index.isdigit():
            texts = {name: text(value) for name, value in row.items() if name not in ("parent", "cls")}
            cls = CLASSES.get(integer(row.get("cls")), "")
            parts.append(Part(int(index), integer(row.get("parent")), cls, **texts))
    return sorted(parts, key=lambda part: part.index)


def chassis(parts: list[Part], column: str) -> str:
    """What the chassis says in `column`: the first that says anything, else the first part of all that does.

    A stack's first chassis stands for the stack. Where no part is a chassis, only a root of the tree counts.
    """
    ranks = {"chassis": 0, "stack": 1}
    candidates = [part for part in parts if part.cls in ranks or part.parent == 0]
    for part in sorted(candidates, key=lambda part: ranks.get(part.cls, 2)):
        value = str(getattr(part, column))
        if value:
            return value
    return ""
