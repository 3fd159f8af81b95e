"""Columns of lists: those of the model, and those that other apps add at start (apps.py:ready)."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.resources.attributes import Count
from core.resources.base import Resource, resource_of
from core.resources.cells import NOTHING, cell, is_state, label_of, text
from core.resources.references import Ref
from core.resources.rows import Reader, Row, shown

ARROW = " → "
STATE = "col-state"
EMPTY = "is-empty"
NUMBERS = ("integer", "number", "count")
Load = Callable[[Any, Collection[Any]], dict[Any, SafeString]]


@dataclass(frozen=True, slots=True)
class Extra:
    """A column of another app: load(user, keys) gives safe HTML by key, for all rows of a page at once."""

    name: str
    label: str
    load: Load
    default: bool
    state: bool


class DuplicateColumn(Exception):
    """A model has a column of that name."""


_extras: dict[type[models.Model], dict[str, Extra]] = {}


def add(
    model: type[models.Model], name: str, label: str, load: Load, default: bool = True, state: bool = False
) -> None:
    """Add a column to the lists of a model. default: shown unless one chooses otherwise; state: a badge."""
    columns = _extras.setdefault(model, {})
    if name in columns:
        raise DuplicateColumn(f"{model._meta.label} has a column {name!r} already")
    columns[name] = Extra(name, label, load, default, state)


def extras(resource: Resource) -> dict[str, Extra]:
    return _extras.get(resource.model, {})


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column."""

    name: str
    label: str
    css: str
    sortable: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: (css, label, cell); phones show the label beside the cell."""

    pk: Any
    name: str
    url: str
    cells: list[tuple[str, str, SafeString]]


class Table:
    """The chosen columns of a resource for one user."""

    def __init__(self, resource: Resource, user: Any, names: Iterable[str]) -> None:
        self.resource = resource
        self.user = user
        own = extras(resource)
        self.names = [name for name in dict.fromkeys(names) if name in own or shown(resource, user, [name])]
        self.names = self.names or [resource.columns[0]]
        self.reader = Reader(resource, user, [name for name in self.names if name not in own])
        self.main = next((name for name in self.names if name not in own), "")

    @property
    def columns(self) -> list[Column]:
        return [self._column(name) for name in self.names]

    def _column(self, name: str) -> Column:
        attribute = self.reader.attributes.get(name)
        if attribute is None:
            return Column(name, extras(self.resource)[name].label, self._css(name), False)
        if name == self.main == "id":
            return Column(name, self.resource.label, self._css(name), False)
        return Column(name, label(self.resource, name), self._css(name), attribute.sortable)

    def _css(self, name: str) -> str:
        if name == self.main:
            return "col-main"
        attribute = self.reader.attributes.get(name)
        if attribute is None:
            return STATE if extras(self.resource)[name].state else ""
        if attribute.kind in NUMBERS:
            return "number"
        return STATE if is_state(attribute) else ""

    def lines(self, queryset: Any) -> Iterator[Line]:
        """The rows, each cell rendered."""
        rows = self._read(queryset)
        keys = [row["pk"] for row in rows]
        loaded = {
            name: one.load(self.user, keys)
            for name, one in extras(self.resource).items()
            if name in self.names
        }
        heads = self.columns
        render = [self._renderer(one.name, loaded) for one in heads]
        base = self.resource.url("list")
        for row in rows:
            url = f"{base}{row['pk']}/"
            made = [one(row) for one in render]
            cells = [self._cell(row, url, head, one) for head, one in zip(heads, made, strict=True)]
            yield Line(row["pk"], self._name(row), url, cells)

    def _cell(self, row: Row, url: str, head: Column, made: SafeString) -> tuple[str, str, SafeString]:
        if head.name == self.main:
            return head.css, "", format_html('<a href="{}">{}</a>', url, self._plain(row, made))
        return f"{head.css} {EMPTY}".strip() if made is NOTHING else head.css, head.label, made

    def _read(self, queryset: Any) -> list[Row]:
        """The rows; where the key is all that names them, `said` holds the words of their natural key."""
        rows = self.reader.read(queryset)
        if self.main == "id":
            words = Reader(self.resource, self.user, self.resource.natural_key).read(queryset)
            for row, parts in zip(rows, words, strict=True):
                row["said"] = ARROW.join(_word(one) for name, one in parts.items() if name != "pk" and one)
        return rows

    def _name(self, row: Row) -> str:
        if row.get("said"):
            return str(row["said"])
        value = row.get(self.main)
        return value.name if isinstance(value, Ref) else str(value if value not in (None, "") else row["pk"])

    def _plain(self, row: Row, made: SafeString) -> Any:
        if row.get("said"):
            return row["said"]
        value = row.get(self.main)
        return value.name if isinstance(value, Ref) else (f"#{row['pk']}" if made is NOTHING else made)

    def _renderer(self, name: str, loaded: dict[str, dict[Any, SafeString]]) -> Callable[[Row], SafeString]:
        if name in loaded:
            found = loaded[name]
            return lambda row: found.get(row["pk"], NOTHING)
        attribute = self.reader.attributes[name]
        if isinstance(attribute, Count):
            return _counted(name, attribute)
        if name == self.main:
            return lambda row: text(row[name]) if not isinstance(row[name], Ref) else text(row[name].name)
        made = cell(attribute)
        return lambda row: made(row[name])


def _word(value: Any) -> str:
    """A part of a natural key, for a line that has no name of its own."""
    return value.name if isinstance(value, Ref) else str(value)


def _counted(name: str, attribute: Count) -> Callable[[Row], SafeString]:
    """A number that leads to its rows."""
    related = resource_of(attribute.field.related_model)
    column = attribute.field.field.name
    made = cell(attribute)
    if related is None or column not in related.readable:
        return lambda row: made(row[name])
    base = related.url("list")
    return lambda row: format_html(
        '<a href="{}?{}">{}</a>', base, urlencode({column: row["pk"]}), made(row[name])
    )


def label(resource: Resource, path: str) -> str:
    """How a column is called; the last step of a path."""
    return label_of(resource.attribute(path))


def choosable(resource: Resource, user: Any) -> dict[str, str]:
    """Every column that the user may choose: name to label."""
    names = [*dict.fromkeys([*resource.columns, *resource.readable])]
    found = {name: label(resource, name) for name in shown(resource, user, names)}
    return found | {name: one.label for name, one in extras(resource).items()}


def defaults(resource: Resource) -> list[str]:
    """The columns shown at first: the resource's, other apps' after the name."""
    more = [name for name, one in extras(resource).items() if one.default]
    return [resource.columns[0], *more, *resource.columns[1:]]
