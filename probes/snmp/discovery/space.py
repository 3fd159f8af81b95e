"""Processors, memory, storage by the tables of the vendor data."""

from probes.snmp.discovery.reader import Reader
from probes.snmp.discovery.rows import Context, Row, rows
from probes.snmp.found import Mempool, Processor, Storage
from probes.snmp.points import Expression, Terms, number, share
from probes.snmp.values import Value
from probes.vendors.model import ProcessorTable, SpaceTable

Space = tuple[str, Row, dict[str, Expression], dict[str, float]]


async def read_processors(reader: Reader, table: ProcessorTable, context: Context) -> list[Processor]:
    """The processors of one table; usages that are no percentage are dropped."""
    found = []
    for row in await rows(reader, table, table.value, context):
        factor, base = (-table.scale, 100.0) if table.idle else (table.scale, 0.0)
        read = Expression(((row.oid, factor),), (), base)
        raw = number(row.value)
        usage = None if raw is None or raw in table.skip else read.value({row.oid: raw})
        if usage is not None and 0 <= usage <= 100:
            found.append(Processor(row.render(table.descr) or "Processor", usage, row.index, row.oid, read))
    return found


async def read_pools(reader: Reader, table: SpaceTable, context: Context) -> list[Mempool]:
    """The memory pools of one table, in bytes."""
    return [
        Mempool(
            descr, row.index, table.type or "system",
            values.get("total"), values.get("used"), values.get("free"), values.get("usage"),
            reads.get("used"), reads.get("total"), reads.get("usage"),
        )
        for descr, row, reads, values in await _spaces(reader, table, context)
    ]  # fmt: skip


async def read_storage(reader: Reader, table: SpaceTable, context: Context) -> list[Storage]:
    """The disks of one table, in bytes."""
    return [
        Storage(
            descr, row.index, table.type or "disk",
            values.get("total"), values.get("used"), values.get("free"), values.get("usage"),
            reads.get("used"), reads.get("total"), reads.get("usage"),
        )
        for descr, row, reads, values in await _spaces(reader, table, context)
    ]  # fmt: skip


async def _spaces(reader: Reader, table: SpaceTable, context: Context) -> list[Space]:
    oids = {name: getattr(table, name) for name in ("total", "used", "free", "percent")}
    main = next(oid for oid in oids.values() if oid)
    columns = {name: await reader.column(oid) for name, oid in oids.items() if oid}
    found = []
    for row in await rows(reader, table, main, context):
        values: dict[str, Value] = {}
        where: dict[str, str] = {}
        for name, column in columns.items():
            key = row.index if row.index in column else "0"
            raw = number(column.get(key))
            if raw is not None and raw not in table.skip:
                where[name] = f"{oids[name].removesuffix('.0')}.{key}"
                values[where[name]] = raw
        reads = _reads(table, row, where)
        results = _results(reads, values)
        if results:
            found.append((row.render(table.descr) or "Memory", row, reads, results))
    return found


def _reads(table: SpaceTable, row: Row, where: dict[str, str]) -> dict[str, Expression]:
    unit = float(row.number(table.unit, 1)) if isinstance(table.unit, str) else table.unit
    terms: dict[str, Terms] = {name: ((oid, unit),) for name, oid in where.items()}
    used, free, total = terms.get("used"), terms.get("free"), terms.get("total")
    minus = tuple((oid, -factor) for oid, factor in free or ())
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and total is not None and free is not None:
        used = total + minus
    reads = {}
    if used is not None and total is not None:
        reads = {"used": Expression(used), "total": Expression(total), "usage": share(used, total)}
    elif "percent" in where:
        factor, base = (-1.0, 100.0) if table.idle else (1.0, 0.0)
        reads = {"usage": Expression(((where["percent"], factor),), (), base)}
        if total is not None:
            reads["total"] = Expression(total)
    return reads


def _results(reads: dict[str, Expression], values: dict[str, Value]) -> dict[str, float]:
    found = {name: read.value(values) for name, read in reads.items()}
    results = {name: value for name, value in found.items() if value is not None}
    usage = results.get("usage")
    if usage is None or not 0 <= usage <= 100:
        return {}
    if "total" in results:
        results.setdefault("used", results["total"] * usage / 100)
        results["free"] = results["total"] - results["used"]
    return results
