"""Rows of a vendor's table: the index, the columns, what joins them, and their text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Part, Port
from probes.snmp.values import Value
from probes.vendors.model import Table

FIELD = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Context:
    """What the templates of a table may name besides its own columns."""

    ports: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, ports: list[Port], parts: list[Part]) -> "Context":
        """Names by index; the description of a part where it has no name."""
        return cls(
            {str(port.ifIndex): port.ifName or port.ifDescr or "" for port in ports},
            {str(part.index): part.name or part.descr for part in parts},
        )


@dataclass(slots=True)
class Row:
    """One row: its index and its values by column; `oid` is that of the main value."""

    index: str
    oid: str
    value: Value
    columns: dict[str, Value]
    names: dict[str, str]

    def number(self, column: str, default: int = 0) -> int:
        """A column as integer."""
        return integer(self.columns.get(column), default)

    def render(self, template: str) -> str:
        """`template` filled in; what is unknown is empty."""
        values = {str(at): part for at, part in enumerate(self.index.split("."))}
        values |= {name: text(value) for name, value in self.columns.items()} | self.names
        return fill(template, values)


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with each {name} replaced, an unknown one by nothing; runs of blanks are one."""
    return " ".join(FIELD.sub(lambda field: values.get(field.group(1), ""), template).split())


async def rows(reader: Reader, table: Table, column: str, context: Context) -> Iterator[Row]:
    """The rows of `column` that `table` keeps."""
    main = await reader.column(column)
    if not main:
        return iter(())
    columns = {name: await reader.column(oid) for name, oid in table.columns.items()}
    base = column.removesuffix(".0")
    found = (_row(table, index, f"{base}.{index}", value, columns, context) for index, value in main.items())
    return (row for row in found if _kept(table, row))


def _row(
    table: Table,
    index: str,
    oid: str,
    value: Value,
    columns: Mapping[str, Mapping[str, Value]],
    context: Context,
) -> Row:
    own = {
        name: found
        for name, values in columns.items()
        if (found := _at(values, index, name, table)) is not None
    }
    own["value"] = value
    first = index.split(".")[0]
    names = {
        "index": index,
        "label": _label(index),
        "port": context.ports.get(first, ""),
        "entity": context.parts.get(first, ""),
    }
    return Row(index, oid, value, own, names)


def _at(values: Mapping[str, Value], index: str, name: str, table: Table) -> Value | None:
    """A column's value for `index`: its own, or that of its beginning, or a scalar's; or as `join` says."""
    if name in table.join:
        parts = {str(at): part for at, part in enumerate(index.split("."))}
        return values.get(fill(table.join[name], parts))
    key = index
    while True:
        if key in values:
            return values[key]
        if "." not in key:
            break
        key = key.rpartition(".")[0]
    return values.get("0") if len(values) == 1 else None


def _label(index: str) -> str:
    """An index that is a text, with or without its length before it."""
    codes = [int(part) for part in index.split(".")]
    if len(codes) > 1 and codes[0] == len(codes) - 1:
        codes = codes[1:]
    return "".join(chr(code) for code in codes if 31 < code < 127)


def _kept(table: Table, row: Row) -> bool:
    return (
        all(said(row, name) in allowed for name, allowed in table.only.items())
        and not any(said(row, name) in denied for name, denied in table.unless.items())
        and all(re.search(pattern, said(row, name)) for name, pattern in table.match.items())
        and not any(re.search(pattern, said(row, name)) for name, pattern in table.mismatch.items())
    )


def said(row: Row, name: str) -> str:
    """What the row says under `name`: a part of its index, a name that joins, or a column."""
    if name.isdigit():
        parts = row.index.split(".")
        return parts[int(name)] if int(name) < len(parts) else ""
    return row.names[name] if name in row.names else text(row.columns.get(name))
