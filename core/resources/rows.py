"""Rows of a resource as one user may see them, read by columns: no model instances, no query a row.

The list page, the API, export and panels read through here, so what a user may not see is left out once.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Count as CountOf
from django.db.models import QuerySet

from core.access import can, hidden_fields, visible
from core.resources.attributes import Attribute, Count, Reference, References
from core.resources.base import Resource
from core.resources.paths import Curtain
from core.resources.references import Ref, refs

Row = dict[str, Any]


def shown(resource: Resource, user: Any, paths: Iterable[str]) -> dict[str, Attribute]:
    """The attributes at the paths that exist, are no secret and that the user may see."""
    found: dict[str, Attribute] = {}
    for path in paths:
        try:
            attribute = resource.attribute(path)
        except FieldDoesNotExist:
            continue
        if not attribute.secret and may_see(user, resource.model, path):
            found[path] = attribute
    return found


def may_see(user: Any, model: type[models.Model], path: str) -> bool:
    """Whether nothing on the way along a path is hidden from the user or of a model they may not view."""
    for step in path.split("__"):
        if step in hidden_fields(user, model):
            return False
        field = model._meta.get_field(step)
        if field.is_relation:
            model = field.related_model
            if "__" in path and not can(user, "view", model):
                return False
    return True


class Reader:
    """Reads rows of one resource for one user: a fixed number of queries, however many rows."""

    def __init__(self, resource: Resource, user: Any, paths: Iterable[str]) -> None:
        self.resource = resource
        self.user = user
        self.attributes = shown(resource, user, paths)
        self.many = [name for name, attribute in self.attributes.items() if isinstance(attribute, References)]
        self.counts = [name for name, attribute in self.attributes.items() if isinstance(attribute, Count)]
        aside = {*self.many, *self.counts}
        self.plain = [name for name in self.attributes if name not in aside]
        self.curtain = Curtain(user, resource.model, self.plain)
        self.references = [name for name in self.plain if isinstance(self.attributes[name], Reference)]

    def read(self, queryset: QuerySet) -> list[Row]:
        """Each row as {"pk": …, name: value}: foreign keys as Ref, many-to-many as list of Ref."""
        names = list(dict.fromkeys(["pk", *self.plain, *self.curtain.columns]))
        rows = [dict(zip(names, values, strict=True)) for values in queryset.values_list(*names)]
        self.curtain.draw(rows)
        for name in self.references:
            self._name_references(rows, name)
        for name in self.many:
            self._add_many(rows, name)
        for name in self.counts:
            self._add_count(rows, name)
        return rows

    def json(self, queryset: QuerySet) -> list[dict[str, Any]]:
        """The rows as the API says them, attributes in declared order."""
        convert = [(name, _converter(attribute)) for name, attribute in self.attributes.items()]
        return [
            {name: row[name] if to_json is None else to_json(row[name]) for name, to_json in convert}
            for row in self.read(queryset)
        ]

    def _name_references(self, rows: list[Row], name: str) -> None:
        related = self.attributes[name].related  # type: ignore[attr-defined]
        found = refs(self.user, related, (row[name] for row in rows))
        for row in rows:
            row[name] = found.get(row[name])

    def _add_many(self, rows: list[Row], name: str) -> None:
        field = self.attributes[name].field
        through = field.remote_field.through
        source, target = field.m2m_column_name(), field.m2m_reverse_name()
        pairs: list[tuple[Any, Any]] = list(
            through._default_manager.filter(**{f"{source}__in": [row["pk"] for row in rows]})
            .order_by(target)
            .values_list(source, target)
        )
        found = refs(self.user, field.related_model, (pk for _, pk in pairs))
        by_row: dict[Any, list[Ref]] = {row["pk"]: [] for row in rows}
        for pk, other in pairs:
            by_row[pk].append(found[other])
        for row in rows:
            row[name] = sorted(by_row[row["pk"]], key=lambda one: one.name)

    def _add_count(self, rows: list[Row], name: str) -> None:
        relation = self.attributes[name].field
        column = relation.field.name
        counted = (
            visible(self.user, relation.related_model)
            .filter(**{f"{column}__in": [row["pk"] for row in rows]})
            .order_by()
            .values_list(column)
            .annotate(number=CountOf("pk"))
        )
        numbers = dict(counted)
        for row in rows:
            row[name] = numbers.get(row["pk"], 0)


def _converter(attribute: Attribute) -> Any:
    """Value to JSON; None where the value already is."""
    if isinstance(attribute, References):
        return lambda values: [value.json for value in values]
    if isinstance(attribute, Reference):
        return lambda value: value and value.json
    return None if type(attribute).to_json is Attribute.to_json else attribute.to_json
