"""UCD-SNMP-MIB: memory, disks and CPU of agents whose HOST-RESOURCES-MIB says nothing of them."""

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Mempool, Processor, Storage
from probes.snmp.points import Expression, Terms, share

BASE = "1.3.6.1.4.1.2021"
IDLE = f"{BASE}.11.11.0"
MEMORY = {
    "total_swap": f"{BASE}.4.3.0",
    "free_swap": f"{BASE}.4.4.0",
    "total": f"{BASE}.4.5.0",
    "free": f"{BASE}.4.6.0",
    "shared": f"{BASE}.4.13.0",
    "buffers": f"{BASE}.4.14.0",
    "cached": f"{BASE}.4.15.0",
}
DISK = {
    "path": f"{BASE}.9.1.2",
    "total": f"{BASE}.9.1.6",
    "used": f"{BASE}.9.1.8",
    "total_low": f"{BASE}.9.1.11",
    "total_high": f"{BASE}.9.1.12",
    "used_low": f"{BASE}.9.1.15",
    "used_high": f"{BASE}.9.1.16",
}
KB, HIGH = 1024.0, 1024.0 * 2**32
PARTS = (("buffers", "Memory buffers"), ("cached", "Cached memory"), ("shared", "Shared memory"))


async def read_processors(reader: Reader) -> list[Processor]:
    """100 less ssCpuIdle, the mean of the last minute."""
    idle = integer(await reader.scalar(IDLE), -1)
    if not 0 <= idle <= 100:
        return []
    return [Processor("CPU", 100 - idle, "0", IDLE, Expression(((IDLE, -1.0),), (), 100.0))]


async def read_pools(reader: Reader) -> list[Mempool]:
    """Physical memory (used: neither free nor buffers nor cache), its parts, and swap; in bytes."""
    found = await reader.get(MEMORY.values())
    have = {name: oid for name, oid in MEMORY.items() if integer(found.get(oid)) > 0 or oid in found}
    values = {oid: integer(value) for oid, value in found.items()}
    pools = []
    total = ((MEMORY["total"], KB),)
    if {"total", "free"} <= have.keys() and values[MEMORY["total"]] > 0:
        back = tuple((have[name], -KB) for name in ("free", "buffers", "cached") if name in have)
        pools.append(_pool("Physical memory", "system", (*total, *back), total, values))
        for name, descr in PARTS:
            if name in have and values[have[name]] > 0:
                pools.append(_pool(descr, name, ((have[name], KB),), total, values))
    if {"total_swap", "free_swap"} <= have.keys() and values[MEMORY["total_swap"]] > 0:
        swap = ((MEMORY["total_swap"], KB),)
        used = (*swap, (MEMORY["free_swap"], -KB))
        pools.append(_pool("Swap space", "swap", used, swap, values))
    return pools


def _pool(descr: str, cls: str, used: Terms, total: Terms, values: dict[str, int]) -> Mempool:
    taken = max(Expression(used).value(values) or 0.0, 0.0)
    size = Expression(total).value(values) or 0.0
    index = used[-1][0].split(".")[-2]
    return Mempool(
        descr, index, cls, size, taken, size - taken, 100 * taken / size,
        Expression(used), Expression(total), share(used, total),
    )  # fmt: skip


async def read_disks(reader: Reader) -> list[Storage]:
    """The dskTable, in bytes; the 64-bit columns where the agent has them."""
    disks = []
    for index, row in (await reader.table(DISK)).items():
        names = ("_low", "_high") if "total_low" in row else ("",)
        factors = (KB, HIGH)
        total = tuple((f"{DISK['total' + n]}.{index}", f) for n, f in zip(names, factors, strict=False))
        used = tuple((f"{DISK['used' + n]}.{index}", f) for n, f in zip(names, factors, strict=False))
        values = {f"{DISK[name]}.{index}": value for name, value in row.items()}
        size, taken = Expression(total).value(values), Expression(used).value(values)
        if size and taken is not None:
            reads = Expression(used), Expression(total), share(used, total)
            percent = 100 * taken / size
            disk = Storage(
                text(row.get("path")), index, "ucdDisk", size, taken, size - taken, percent, *reads
            )
            disks.append(disk)
    return disks
