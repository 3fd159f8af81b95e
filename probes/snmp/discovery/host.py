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
    r"^/(proc|sys|dev(?!/shm)|snap|run/(user|credentials|snapd))\b|/docker/|/overlay2?/|/shm$"
)
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
    good = {index: row for index, row in rows.items() if _whole(row)}
    pools = [_pool(index, row, good) for index, row in good.items() if _is_memory(row)]
    disks = [_disk(index, row) for index, row in good.items() if _is_disk(row)]
    return pools, disks


def _whole(row: Mapping[str, Value]) -> bool:
    return {"descr", "units", "size", "used"} <= row.keys() and _bytes(row, "size") > 0


def _kind(row: Mapping[str, Value]) -> str:
    return text(row.get("type")).rsplit(".", 1)[-1]


def _is_memory(row: Mapping[str, Value]) -> bool:
    kind = _kind(row)
    return kind in ("2", "3") or (kind not in DISKS and bool(MEMORY.search(text(row["descr"]))))


def _is_disk(row: Mapping[str, Value]) -> bool:
    return _kind(row) in DISKS and not PSEUDO.search(text(row["descr"]))


def _count(row: Mapping[str, Value], name: str) -> int:
    """Blocks; agents write sizes from 2**31 on as negative numbers."""
    value = integer(row[name])
    return value + 2**32 if value < 0 else value


def _bytes(row: Mapping[str, Value], name: str) -> float:
    return float(_count(row, name) * integer(row["units"], 1))


def _terms(index: str, row: Mapping[str, Value], column: str) -> Terms:
    return ((f"{COLUMNS[column]}.{index}", float(integer(row["units"], 1))),)


def _pool(index: str, row: Mapping[str, Value], rows: Mapping[str, Mapping[str, Value]]) -> Mempool:
    descr, total, used = text(row["descr"]), _bytes(row, "size"), _bytes(row, "used")
    cls = next((cls for word, cls in CLASSES if word in descr.lower()), "system")
    read = _terms(index, row, "used")
    if _is_physical(row, descr):
        for other, part in _reclaimable(rows).items():
            used -= _bytes(part, "used")
            read += tuple((oid, -factor) for oid, factor in _terms(other, part, "used"))
    used = max(used, 0.0)
    size = _terms(index, row, "size")
    return Mempool(
        descr, index, cls, total, used, total - used, 100 * used / total,
        Expression(read), Expression(size), share(read, size),
    )  # fmt: skip


def _is_physical(row: Mapping[str, Value], descr: str) -> bool:
    return _kind(row) == "2" and descr.lower() == "physical memory"


def _reclaimable(rows: Mapping[str, Mapping[str, Value]]) -> dict[str, Mapping[str, Value]]:
    """Buffers and page cache, which some kernels count as used, but give back when asked."""
    names = ("memory buffers", "cached memory")
    return {index: row for index, row in rows.items() if text(row["descr"]).lower() in names}


def _disk(index: str, row: Mapping[str, Value]) -> Storage:
    size, used = _bytes(row, "size"), _bytes(row, "used")
    read, total = _terms(index, row, "used"), _terms(index, row, "size")
    return Storage(
        text(row["descr"]), index, KINDS.get(_kind(row), ""), size, used, size - used, 100 * used / size,
        Expression(read), Expression(total), share(read, total),
    )  # fmt: skip
