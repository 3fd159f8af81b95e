"""Values of events in words: choices by label, keys by the name of what they lead to."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Field, Model
from django.utils import timezone
from django.utils.text import capfirst

from core.history.sight import EVERYTHING, Sight

LONGEST = 200


class Names:
    """The fields that a model's events hold, and the names of all objects that a set of events leads to.

    A query or two for each model led to, whatever the number of events.
    """

    def __init__(self, model: type[Model], rows: Sequence[Any], sight: Sight = EVERYTHING) -> None:
        self.sight = sight
        kept = {column.name for column in rows[0]._meta.get_fields()} if rows else set()
        self.model = model
        self.fields: list[Field] = [column for column in model._meta.local_fields if column.name in kept]
        self._names: dict[tuple[type[Model], Any], str] = {}
        wanted: dict[type[Model], set[Any]] = {}
        for column in self.fields:
            if column.is_relation:
                keys = {getattr(row, column.attname) for row in rows} - {None}
                wanted.setdefault(column.related_model, set()).update(keys)
        for target, keys in wanted.items():
            self._load(target, keys)

    def _load(self, target: type[Model], keys: set[Any]) -> None:
        if not keys:
            return
        found = self.sight.rows(target).select_related(*_needed_for_str(target)).in_bulk(keys)
        missing = keys - found.keys()
        hidden = set() if self.sight.is_unlimited(target) else _stored(target, missing)
        for key in keys:
            gone = f"hidden #{key}" if key in hidden else f"deleted #{key}"
            self._names[target, key] = self.sight.name(found[key]) if key in found else gone

    def of(self, target: type[Model], key: Any) -> str:
        return self._names.get((target, key), f"#{key}")

    def of_event(self, row: Any) -> str:
        """What the object was called then, so that deleted ones keep a name."""
        parts = getattr(self.model, "history_name", ())
        if said := " → ".join(filter(None, (self._word(row, name) for name in parts))):
            return said
        for attribute in ("name", "username", "title", "address", "model", "kind"):
            if text := str(getattr(row, attribute, None) or ""):
                return text
        return f"#{row.pgh_obj_id}"

    def _word(self, row: Any, name: str) -> str:
        return wording(
            self.model._meta.get_field(name), getattr(row, self.model._meta.get_field(name).attname), self
        )


class Labels:
    """What the other ends of relations were called then, as far as the reader may see objects of the name."""

    def __init__(self, model: type[Model], rows: Sequence[Any], sight: Sight) -> None:
        self._visible: dict[str, set[str] | None] = {}
        for name in {row.field for row in rows}:
            target: Any = model._meta.get_field(name).related_model
            said = {row.label for row in rows if row.field == name}
            self._visible[name] = None if sight.is_unlimited(target) else _labels(sight, target, said)

    def of(self, row: Any) -> str:
        visible = self._visible[row.field]
        return str(row.label) if visible is None or row.label in visible else "hidden"


def _labels(sight: Sight, target: type[Model], said: set[str]) -> set[str]:
    column = getattr(target, "history_label", "name")
    return set(sight.rows(target).filter(**{f"{column}__in": said}).values_list(column, flat=True))


def _stored(target: type[Model], keys: set[Any]) -> set[Any]:
    return set(target._default_manager.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()


def label_of(column: Any) -> str:
    return str(capfirst(column.verbose_name))


def wording(column: Any, value: Any, names: Names) -> str:
    """A value as people say it: "" for none, Yes and No, labels of choices, names of objects."""
    if value is None:
        return ""
    if column.is_relation:
        return names.of(column.related_model, value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple) and all(isinstance(one, str | int | float) for one in value):
        return _short(", ".join(str(one) for one in value))
    if isinstance(value, dict) and all(isinstance(one, str | int | float | list) for one in value.values()):
        return _short("; ".join(f"{name.replace('_', ' ')}: {_plain(one)}" for name, one in value.items()))
    if isinstance(value, list | dict):
        return _short(json.dumps(value, ensure_ascii=False, sort_keys=True))
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _needed_for_str(target: type[Model]) -> list[str]:
    """Relations to read along so that str() of the rows costs no query: the required foreign keys."""
    return [column.name for column in target._meta.local_fields if column.is_relation and not column.null]
