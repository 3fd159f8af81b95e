"""Import: an uploaded table becomes a plan (create, update, unchanged, rejected a row), then changes.

Rows are matched by the natural key, foreign keys are named as export names them. The plan is made by really
writing in a transaction that is rolled back, so that what the preview promises is what applying does.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from core.access import can, hidden_fields, in_words, visible
from core.resources.attributes import Attribute, Reference, References
from core.resources.base import Resource
from core.resources.locking import lock
from core.resources.references import Resolver, named
from core.resources.tables import TableFile, UnreadableTable
from core.resources.writing import Change, InvalidObjects, write

CHUNK = 500
CREATE, UPDATE, UNCHANGED, REJECTED = "create", "update", "unchanged", "rejected"


@dataclass(slots=True)
class PlannedRow:
    """What becomes of one row. `differences`: (label, before, after); `errors`: (column, reason)."""

    line: int
    name: str = ""
    outcome: str = UNCHANGED
    change: Change | None = None
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def reject(self, column: str, reason: str) -> None:
        self.outcome = REJECTED
        self.errors.append((column, reason))


@dataclass(slots=True)
class Plan:
    rows: list[PlannedRow]
    ignored: list[str]

    def count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def digest(self) -> str:
        """Tells whether another plan would do the same."""
        said = [(row.line, row.outcome, row.differences, row.errors) for row in self.rows]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


class Import:
    """One table for one resource by one user."""

    def __init__(self, resource: Resource, user: Any, table: TableFile) -> None:
        self.resource = resource
        self.user = user
        self.table = table
        hidden = hidden_fields(user, resource.model)
        self.known = {name: one for name, one in resource.readable.items() if name not in hidden}
        self.columns = self._columns()

    def plan(self) -> Plan:
        """What applying would do. Nothing is changed."""
        rows = self._read()
        self._match(rows)
        with transaction.atomic():
            for adding in (True, False):
                self._try(
                    [
                        row
                        for row in rows
                        if row.change and row.change.is_new is adding and row.outcome != REJECTED
                    ]
                )
            transaction.set_rollback(True)
        return Plan(rows, [name for name, one in self.columns.items() if not one.writable])

    def apply(self, expected: str) -> Plan:
        """Write what the plan says. Raises PlanChanged when it would no longer do what was looked at."""
        with transaction.atomic():
            lock(self.resource.model, self._stored_keys())
            plan = self.plan()
            if plan.digest != expected:
                raise PlanChanged(plan)
            again = [row for row in self._matched() if row.outcome in (CREATE, UPDATE)]
            good = {row.line for row in plan.rows if row.outcome in (CREATE, UPDATE)}
            write(self.user, self.resource, [row.change for row in again if row.line in good and row.change])
        return plan

    def _stored_keys(self) -> list[Any]:
        changes = [row.change for row in self._matched() if row.change]
        return [change.obj.pk for change in changes if not change.is_new]

    def _matched(self) -> list[PlannedRow]:
        rows = self._read()
        self._match(rows)
        return rows

    def _columns(self) -> dict[str, Attribute]:
        """The attribute of each column of the file; UnreadableTable names what does not fit."""
        by_label = {one.label.lower(): name for name, one in self.known.items()}
        found = [head if head in self.known else by_label.get(head.lower(), "") for head in self.table.head]
        unknown = [head or "(no name)" for head, name in zip(self.table.head, found, strict=True) if not name]
        if unknown:
            raise UnreadableTable(f"Unknown columns: {', '.join(unknown)}. Known: {', '.join(self.known)}")
        if doubled := sorted({name for name in found if found.count(name) > 1}):
            raise UnreadableTable(f"Columns that stand there twice: {', '.join(doubled)}")
        if hidden := [name for name in self.resource.natural_key if name not in self.known]:
            raise UnreadableTable(f"Rows are matched by {', '.join(hidden)}, which is hidden from you")
        needed = [name for name in self.resource.natural_key if not self.known[name].null]
        if missing := [name for name in needed if name not in found]:
            raise UnreadableTable(f"Missing columns, by which rows are matched: {', '.join(missing)}")
        return {name: self.known[name] for name in found}

    def _read(self) -> list[PlannedRow]:
        """Each row with its values parsed, in the change of a new object."""
        resolvers = {
            name: self._resolver(at, one)
            for at, (name, one) in enumerate(self.columns.items())
            if isinstance(one, Reference) and one.writable
        }
        return [self._row(line, texts, resolvers) for line, texts in self.table.rows]

    def _resolver(self, at: int, attribute: Reference) -> Resolver:
        resolver = Resolver(self.user, attribute.related)
        cells = {texts[at].strip() for _, texts in self.table.rows if at < len(texts)} - {""}
        if isinstance(attribute, References):
            cells = {part for text in cells for part in _parts(text)}
        resolver.prepare(cells)
        return resolver

    def _row(self, line: int, texts: list[str], resolvers: dict[str, Resolver]) -> PlannedRow:
        row = PlannedRow(line, change=Change(self.resource.model()))
        if extra := [text for text in texts[len(self.columns) :] if text.strip()]:
            row.reject("", f"More cells than the head has columns: {extra[0]!r}")
        padded = [*texts, *[""] * (len(self.columns) - len(texts))]
        values: dict[str, Any] = {}
        for (name, attribute), text in zip(self.columns.items(), padded, strict=False):
            if attribute.writable:
                try:
                    values[name] = _parsed(attribute, text, resolvers.get(name))
                except ValidationError as error:
                    row.reject(name, " ".join(error.messages))
        assert row.change is not None
        row.change.values = values
        row.name = " / ".join(
            text
            for name, text in zip(self.columns, padded, strict=False)
            if name in self.resource.natural_key and text
        )
        return row

    def _match(self, rows: list[PlannedRow]) -> None:
        """Find the stored object of each row, and what would change; doubled rows are rejected."""
        good = [row for row in rows if row.outcome != REJECTED]
        keys = [self._key(row) for row in good]
        stored = self._stored(keys)
        first: dict[Any, int] = {}
        for row, key in zip(good, keys, strict=True):
            if first.setdefault(key, row.line) != row.line:
                row.reject(self.resource.natural_key[0], f"The same object as line {first[key]}")
                continue
            self._compare(row, stored.get(key))

    def _key(self, row: PlannedRow) -> tuple[Any, ...]:
        assert row.change is not None
        return tuple(_hashable(row.change.values.get(name)) for name in self.resource.natural_key)

    def _stored(self, keys: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], models.Model]:
        """The visible objects by natural key, found by its most telling part, in chunks."""
        names = self.resource.natural_key
        at = next((i for i, name in enumerate(names) if not isinstance(self.known[name], Reference)), 0)
        rows = named(visible(self.user, self.resource.model), self.resource).order_by()
        if any(one.name == "tags" for one in self.resource.model._meta.many_to_many):
            rows = rows.prefetch_related("tags")
        found: dict[tuple[Any, ...], models.Model] = {}
        values = list({key[at] for key in keys})
        for start in range(0, len(values), CHUNK * 4):
            part = values[start : start + CHUNK * 4]
            wanted = models.Q(**{f"{names[at]}__in": [one for one in part if one is not None]})
            if None in part:
                wanted |= models.Q(**{f"{names[at]}__isnull": True})
            for obj in rows.filter(wanted):
                found[tuple(_hashable(_own(obj, name, self.known[name])) for name in names)] = obj
        return found

    def _compare(self, row: PlannedRow, obj: models.Model | None) -> None:
        assert row.change is not None
        new = row.change.values
        if obj is None:
            row.outcome = CREATE
            row.differences = [
                (self.known[name].label, "", self._said(value))
                for name, value in new.items()
                if value not in (None, "", [])
            ]
            self._require(row, new)
            return
        changed = {
            name: value
            for name, value in new.items()
            if not _same(_stored_value(obj, name, self.known[name]), value)
        }
        row.outcome = UPDATE if changed else UNCHANGED
        row.change = Change(obj, changed)
        row.differences = [
            (
                self.known[name].label,
                self._said(_stored_value(obj, name, self.known[name])),
                self._said(value),
            )
            for name, value in changed.items()
        ]

    def _said(self, value: Any) -> str:
        """A value in words; of what an object points at now the user may not see all."""
        if isinstance(value, list):
            return ", ".join(self._said(one) for one in value)
        if isinstance(value, models.Model):
            return in_words(self.user, value)
        return "" if value is None else str(value)

    def _require(self, row: PlannedRow, values: dict[str, Any]) -> None:
        for name, attribute in self.known.items():
            if attribute.required and name not in values:
                row.reject(name, "This field is required for a new object")
        if not (self.resource.allows("add") and can(self.user, "add", self.resource.model)):
            row.reject("", f"You may not add {self.resource.label_plural.lower()}")

    def _try(self, rows: list[PlannedRow]) -> None:
        """Write the rows for the sake of the preview; those that cannot be written are rejected."""
        todo = [row for row in rows if row.outcome in (CREATE, UPDATE)]
        for start in range(0, len(todo), CHUNK):
            part = todo[start : start + CHUNK]
            while part:
                refused = self._refused(part)
                if not refused:
                    break
                part = [row for row in part if row.outcome != REJECTED]

    def _refused(self, part: list[PlannedRow]) -> bool:
        """Try one chunk; mark what the database or the model refuses."""
        try:
            with transaction.atomic():
                write(self.user, self.resource, [row.change for row in part if row.change])
        except InvalidObjects as error:
            for index, found in error.errors.items():
                for name, messages in found.items():
                    for message in messages:
                        part[index].reject(name, message)
        except PermissionDenied as error:
            return self._narrow(part, str(error))
        else:
            return False
        return True

    def _narrow(self, part: list[PlannedRow], reason: str) -> bool:
        """Halve a chunk until the rows that the user may not write stand alone."""
        if len(part) == 1:
            part[0].reject("", reason)
            return True
        middle = len(part) // 2
        for half in (part[:middle], part[middle:]):
            self._refused(half)
        return any(row.outcome == REJECTED for row in part)


class PlanChanged(Exception):
    """The database is no longer as it was when the plan was looked at."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("What is stored has changed since the preview")
        self.plan = plan


def _parsed(attribute: Attribute, text: str, resolver: Resolver | None) -> Any:
    if resolver is None:
        return attribute.parse_text(text)
    if isinstance(attribute, References):
        return [resolver.find(part) for part in _parts(text)]
    if text.strip() == "":
        if attribute.null:
            return None
        raise ValidationError("This field cannot be empty")
    return resolver.find(text)


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(",") if part.strip())


def _own(obj: models.Model, name: str, attribute: Attribute) -> Any:
    return getattr(obj, attribute.field.attname) if isinstance(attribute, Reference) else getattr(obj, name)


def _stored_value(obj: models.Model, name: str, attribute: Attribute) -> Any:
    return list(getattr(obj, name).all()) if isinstance(attribute, References) else getattr(obj, name)


def _hashable(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    return tuple(value) if isinstance(value, list) else value


def _same(stored: Any, value: Any) -> bool:
    if isinstance(value, list) and isinstance(stored, list):
        return sorted(map(str, map(_hashable, stored))) == sorted(map(str, map(_hashable, value)))
    return bool(stored == value)
