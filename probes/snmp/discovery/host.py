"""HOST-RESOURCES-MIB (RFC 2790): processors, memory and file systems."""

import re
from collections.abc import Mapping

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Mempool, Processor, Storage
from probes.snmp.points import Expression, Terms, share
from probes.snmp.values import Value

STORAGE, DEVICE = "1.3.6.1.2.1.25.2.3.1", "1.3.6.1.2.1.25.3"
COLUMNS = {
    "type": f"{STORAGE}.2",
    "descr": f"{STORAGE}.3",
    "units": f"{STORAGE}.4",
    "size": f"{STORAGE}.5",
    "used": f"{STORAGE}.6",
}
KINDS = {
    "1": "other", "2": "ram", "3": "virtual", "4": "hrStorageFixedDisk", "5": "hrStorageRemovableDisk",
    "8": "hrStorageRamDisk", "9": "hrStorageFlashMemory", "10": "hrStorageNetworkDisk",
}  # fmt: skip
DISKS = {"4", "5", "8", "9", "10"}
# net-snmp lists parts of the memory as of type other
MEMORY = re.compile(r"memory|swap|\bram\b|buffers|cache", re.IGNORECASE)
PSEUDO = re.compile(
    r"^/(proc|sys|snap)\b|^/dev(/(pts|mqueue|hugepages))?$|^/run/(user|credentials|snapd)\b|^devfs"
    r"|/docker/|/overlay2?/|mounted on: (/dev$|/packages/|/proc$)"
)
RECLAIMABLE = ("memory buffers", "cached memory")
PARTS = (*RECLAIMABLE, "shared memory")
SIZES = ("size", "used")
CLASSES = (
    ("swap", "swap"),
    ("buffer", "buffers"),
    ("cache", "cached"),
    ("shared", "shared"),
    ("virtual", "virtual"),
)


async def read_processors(reader: Reader) -> list[Processor]:
    """hrProcessorLoad, the mean of the last minute, by core."""
    names = await reader.column(f"{DEVICE}.2.1.3")
    cores = []
    for index, value in (await reader.column(f"{DEVICE}.3.1.2")).items():
        load = integer(value, -1)
        oid = f"{DEVICE}.3.1.2.{index}"
        if 0 <= load <= 100:
            descr = processor_name(text(names.get(index)))
            cores.append(Processor(descr, load, index, oid, Expression(((oid, 1.0),))))
    return cores


def processor_name(descr: str) -> str:
    """hrDeviceDescr without what it wraps the model in ("GenuineIntel: Intel(R) Xeon(R) CPU …")."""
    name = descr.split(": ", 1)[-1]
    name = re.sub(r"\((R|TM|tm|C)\)|\bCPU\b", "", name)
    return re.sub(r"\s+", " ", name).strip() or "Processor"


async def read_space(reader: Reader) -> tuple[list[Mempool], list[Storage]]:
    """Memory pools and file systems of hrStorageTable, in bytes."""
    rows = await reader.table(COLUMNS)
    whole = {index: row for index, row in rows.items() if _whole(row)}
    pools = [_pool(index, row, whole) for index, row in whole.items() if _is_memory(row, whole)]
    disks = [_disk(index, row) for index, row in whole.items() if _is_disk(row)]
    return pools, disks


def _whole(row: Mapping[str, Value]) -> bool:
    return {"descr", "units", "size", "used"} <= row.keys()


def _kind(row: Mapping[str, Value]) -> str:
    return text(row.get("type")).rsplit(".", 1)[-1]


def _is_memory(row: Mapping[str, Value], rows: Mapping[str, Mapping[str, Value]]) -> bool:
    kind = _kind(row)
    if _bytes(row, "size") <= 0 and not (_physical(rows) and text(row["descr"]).lower() in PARTS):
        return False
    return kind in ("2", "3") or (kind not in DISKS and bool(MEMORY.search(text(row["descr"]))))


def _is_disk(row: Mapping[str, Value]) -> bool:
    return _kind(row) in DISKS and _bytes(row, "size") > 0 and not PSEUDO.search(text(row["descr"]))


def _count(row: Mapping[str, Value], name: str) -> int:
    """Blocks; agents write sizes from 2**31 on as negative numbers."""
    value = integer(row[name])
    return value + 2**32 if value < 0 else value


def _bytes(row: Mapping[str, Value], name: str) -> float:
    return float(_count(row, name) * integer(row["units"], 1))


def _terms(index: str, row: Mapping[str, Value], column: str) -> Terms:
    return ((f"{COLUMNS[column]}.{index}", float(integer(row["units"], 1))),)


def _pool(index: str, row: Mapping[str, Value], rows: Mapping[str, Mapping[str, Value]]) -> Mempool:
    descr = text(row["descr"])
    cls = next((cls for word, cls in CLASSES if word in descr.lower()), "system")
    size, read = _whole_memory(index, row, rows), _used(index, row, rows)
    values = {
        f"{COLUMNS[name]}.{key}": float(_count(part, name)) for key, part in rows.items() for name in SIZES
    }
    total, used = Expression(size).value(values) or 1.0, Expression(read).value(values) or 0.0
    return Mempool(
        descr, index, cls, total, used, total - used, 100 * used / total,
        Expression(read), Expression(size), share(read, size),
    )  # fmt: skip


def _physical(rows: Mapping[str, Mapping[str, Value]]) -> str:
    """The index of the row that is the physical memory; empty where there is none."""
    named = (index for index, row in rows.items() if text(row["descr"]).lower() == "physical memory")
    return next(
        (index for index in named if _kind(rows[index]) == "2" and _bytes(rows[index], "size") > 0), ""
    )


def _whole_memory(index: str, row: Mapping[str, Value], rows: Mapping[str, Mapping[str, Value]]) -> Terms:
    """What a pool is part of: buffers, cache and shared memory are part of the physical memory."""
    whole = _physical(rows)
    if whole and text(row["descr"]).lower() in PARTS:
        return _terms(whole, rows[whole], "size")
    return _terms(index, row, "size")


def _used(index: str, row: Mapping[str, Value], rows: Mapping[str, Mapping[str, Value]]) -> Terms:
    """Used blocks, of the physical memory less buffers and page cache, which the kernel gives back.

    Agents that have left these out already are known by a rest below zero.
    """
    read = _terms(index, row, "used")
    if index != _physical(rows):
        return read
    back = {other: part for other, part in rows.items() if text(part["descr"]).lower() in RECLAIMABLE}
    if sum(_bytes(part, "used") for part in back.values()) > _bytes(row, "used"):
        return read
    return read + tuple((oid, -factor) for i, part in back.items() for oid, factor in _terms(i, part, "used"))


def _disk(index: str, row: Mapping[str, Value]) -> Storage:
    size, used = _bytes(row, "size"), _bytes(row, "used")
    read, total = _terms(index, row, "used"), _terms(index, row, "size")
    return Storage(
        text(row["descr"]), index, KINDS.get(_kind(row), ""), size, used, size - used, 100 * used / size,
        Expression(read), Expression(total), share(read, total),
    )  # fmt: skip
