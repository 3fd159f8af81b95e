"""Foreign keys to and from the outside: names of many ids at once, objects of many names at once.

An object's text is its natural key joined by " / ", foreign keys resolved ("core1 / Zurich / eth0").
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import QuerySet

from core.access import HIDDEN, called, visible
from core.resources.base import Resource, resource_of
from core.resources.paths import Curtain, along

SEPARATOR = " / "
MANY = 10_000


class Ref(NamedTuple):
    """How an object is named where another one points at it; no url where the user may not see it."""

    id: Any
    name: str
    url: str
    api_url: str

    @property
    def json(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "url": self.api_url or None}


def named(rows: QuerySet, resource: Resource | None) -> QuerySet:
    """The rows with what their __str__ and natural key reach over foreign keys."""
    related = sorted({path.rpartition("__")[0] for path in text_paths(rows.model) if "__" in path})
    return rows.select_related(*related) if related else rows


def refs(user: Any, model: type[models.Model], ids: Iterable[Any]) -> dict[Any, Ref]:
    """A Ref for each id, in one query; an object that the user may not see is named by its number alone."""
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return {}
    resource = resource_of(model)
    rows = named(visible(user, model).filter(pk__in=wanted), resource).order_by()
    found = {obj.pk: ref(user, obj) for obj in rows}
    for pk in wanted - found.keys():
        found[pk] = Ref(pk, f"#{pk}", "", "")
    return found


def ref(user: Any, obj: models.Model) -> Ref:
    """The Ref of an object that is at hand and that the user may see."""
    resource, name = resource_of(obj), called(user, obj)
    if resource is None:
        return Ref(obj.pk, name, "", "")
    return Ref(obj.pk, name, f"/{resource.app}/{resource.plural}/{obj.pk}/", resource.api_url(obj.pk))


def text_paths(model: type[models.Model], _depth: int = 0) -> tuple[str, ...]:
    """The plain columns that make up a natural key, as paths: device__name, device__site__name, name."""
    resource = resource_of(model)
    if resource is None or not resource.natural_key or _depth > 3:
        return ("pk",)
    paths: list[str] = []
    for name in resource.natural_key:
        field = model._meta.get_field(name)
        if isinstance(field, models.ForeignKey):
            related = field.remote_field.model
            paths += (
                [f"{name}__{path}" for path in text_paths(related, _depth + 1)] if related != model else []
            )
        else:
            paths.append(name)
    return tuple(paths)


def joined(parts: Iterable[Any]) -> str:
    return SEPARATOR.join(str(part) for part in parts if part not in (None, ""))


def texts(user: Any, model: type[models.Model], ids: Iterable[Any]) -> dict[Any, str]:
    """The text of each id, for export; the number where the user may not see it."""
    wanted = {pk for pk in ids if pk is not None}
    rows = visible(user, model).filter(pk__in=wanted)
    found = _told(user, rows, text_paths(model)) if wanted else {}
    return {pk: joined(found[pk]) if pk in found else f"#{pk}" for pk in wanted}


def _told(user: Any, rows: QuerySet, paths: Sequence[str]) -> dict[Any, list[Any]]:
    """What stands at the paths of each row, by its key; "hidden" for what the user may not see."""
    curtain = Curtain(user, rows.model, paths)
    told = list(rows.order_by().values("pk", *paths, *curtain.columns))
    curtain.draw(told, HIDDEN)
    return {row["pk"]: [row[path] for path in paths] for row in told}


class Resolver:
    """Finds what clients and files name, among the rows that the user may see: ids, texts, {"name": …}."""

    def __init__(self, user: Any, model: type[models.Model]) -> None:
        self.user = user
        self.rows = visible(user, model)
        self.model = model
        self.label = str(model._meta.verbose_name)
        self._by_id: dict[int, models.Model] = {}
        self._by_text: dict[str, list[int]] = {}
        self._by_said: dict[str, models.Model] = {}

    def prepare(self, values: Iterable[Any]) -> None:
        """Look up all values of a column at once; `find` then asks the database no more."""
        values = list(values)
        names = {value for value in values if isinstance(value, str)}
        self._index_texts(names)
        numbers = {value for value in values if _is_id(value)}
        numbers |= {value["id"] for value in values if isinstance(value, dict) and _is_id(value.get("id"))}
        numbers |= {pk for ids in self._by_text.values() if len(ids) == 1 for pk in ids}
        self._load(numbers - self._by_id.keys())

    def find(self, value: Any) -> models.Model:
        """The one object that the value names; ValidationError says why there is none."""
        if isinstance(value, str):
            return self._by_name(value)
        if isinstance(value, dict) and "id" in value:
            value = value["id"]
        if isinstance(value, dict):
            return self._by_key(value)
        if not _is_id(value):
            raise ValidationError(f"Name the {self.label} by id, by name or by its natural key")
        if value not in self._by_id:
            self._load({value})
        if value not in self._by_id:
            raise ValidationError(f"There is no {self.label} with id {value}")
        return self._by_id[value]

    def _by_name(self, text: str) -> models.Model:
        text = text.strip()
        if text not in self._by_text:
            self._index_texts({text})
        ids = self._by_text.get(text, [])
        if not ids:
            raise ValidationError(f"There is no {self.label} {text!r}")
        if len(ids) > 1:
            raise ValidationError(f"{text!r} names {len(ids)} {self.model._meta.verbose_name_plural}")
        return self.find(ids[0])

    def _by_key(self, key: dict[str, Any]) -> models.Model:
        said = json.dumps(key, sort_keys=True, default=str)
        if said in self._by_said:
            return self._by_said[said]
        wanted = dict(_lookups(self.model, key))
        if not wanted:
            raise ValidationError(f"Name the {self.label} by id, by name or by its natural key")
        try:
            ways = [along(self.user, self.model, path) for path in wanted if not path.endswith("__isnull")]
            found = list(named(self.rows.filter(*ways, **wanted), None)[:2])
        except (FieldError, ValueError, TypeError, ValidationError) as error:
            raise ValidationError(f"{sorted(map(str, key))} do not tell a {self.label}") from error
        if len(found) != 1:
            how = "several" if found else "no"
            raise ValidationError(f"There is {how} {self.label} with {key}")
        self._by_said[said] = self._by_id.setdefault(found[0].pk, found[0])
        return self._by_said[said]

    def _load(self, ids: set[int]) -> None:
        ids = {pk for pk in ids if 0 < pk < 2**63}
        if ids:
            self._by_id |= {obj.pk: obj for obj in named(self.rows.filter(pk__in=ids), None).order_by()}

    def _index_texts(self, names: set[str]) -> None:
        """Note the ids of all rows that one of the names may mean: whole text, or its first part alone.

        What of a text the user may not see is "hidden" here as in `texts`: nobody finds out by guessing.
        """
        if not names:
            return
        paths = text_paths(self.model)
        field = self.model._meta.get_field(paths[0]) if "__" not in paths[0] and paths[0] != "pk" else None
        segments = {name.split(SEPARATOR)[0].strip() for name in names} | {name.strip() for name in names}
        try:
            if field is not None:
                segments = {field.get_prep_value(segment) for segment in segments}
            found = _told(self.user, self.rows.filter(**{f"{paths[0]}__in": segments}), paths)
        except (ValueError, ValidationError):
            found = {}
        whole: dict[str, list[int]] = {}
        short: dict[str, list[int]] = {}
        for pk, parts in found.items():
            whole.setdefault(joined(parts), []).append(pk)
            short.setdefault(str(parts[0]), []).append(pk)
        for name in (name.strip() for name in names):
            self._by_text[name] = whole.get(name) or short.get(name, [])


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _lookups(model: type[models.Model], key: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Filter arguments of {"name": …, "site": {"name": …}}; names outside the natural key are refused."""
    resource = resource_of(model)
    allowed = set(resource.natural_key) if resource else set()
    for name, value in key.items():
        if name not in allowed:
            known = ", ".join(sorted({"id"} | allowed))
            raise ValidationError(f"{name!r} does not tell a {model._meta.verbose_name}; use {known}")
        field = model._meta.get_field(name)
        if not isinstance(field, models.ForeignKey):
            yield f"{prefix}{name}", field.clean(value, None) if not isinstance(value, dict) else _no(name)
        elif isinstance(value, dict):
            yield from _lookups(field.remote_field.model, value, f"{prefix}{name}__")
        elif value is None:
            yield f"{prefix}{name}__isnull", True
        elif _is_id(value):
            yield f"{prefix}{name}_id", value
        else:
            yield f"{prefix}{name}__{text_paths(field.remote_field.model)[0]}", value


def _no(name: str) -> Any:
    raise ValidationError(f"{name!r} cannot be an object")
