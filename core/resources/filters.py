"""Filters in the address: one FilterSet a resource, made by django-filter out of its attributes."""

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django_filters.fields import IsoDateTimeField

from core.resources.attributes import Attribute, Count, Reference, References, as_utc, checked_text
from core.resources.base import Resource
from core.resources.choices import RemoteMultipleChoiceField
from core.resources.paths import along
from core.resources.rows import may_see

NOT_FILTERS = frozenset({"json", "secret", "count", "list"})
NONE = "null"


class Text(forms.CharField):
    """Text that PostgreSQL can store."""

    def clean(self, value: Any) -> Any:
        return checked_text(super().clean(value) or "")


class TextFilter(django_filters.CharFilter):
    field_class = Text

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lookup_expr="icontains", **kwargs)


class ExactTextFilter(django_filters.CharFilter):
    field_class = Text


class ReferenceFilter(django_filters.Filter):
    """Rows that point at any of the objects; "null" finds those that point at none. `all`: at every one."""

    field_class = RemoteMultipleChoiceField

    def __init__(self, *, target: type[models.Model], every: bool = False, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.target = target
        self.every = every

    @property
    def field(self) -> Any:
        self.extra |= {"user": self.parent.user, "model": self.target}
        return super().field

    def filter(self, rows: QuerySet, value: Any) -> QuerySet:
        if not value:
            return rows
        keys = [one.pk for one in value if one is not None]
        if self.every:
            for key in keys:
                rows = rows.filter(**{self.field_name: key})
            return rows
        wanted = Q(**{f"{self.field_name}__in": keys})
        return rows.filter(wanted | Q(**{f"{self.field_name}__isnull": True}) if None in value else wanted)


Build = Callable[[str, Attribute], dict[str, django_filters.Filter]]


class WholeFilter(django_filters.Filter):
    """A whole number that PostgreSQL can compare with."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-(2**63), max_value=2**63 - 1, **kwargs)


class DecimalFilter(django_filters.Filter):
    field_class = forms.DecimalField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=40, **kwargs)


def _number(name: str, attribute: Attribute) -> dict[str, django_filters.Filter]:
    cls = WholeFilter if attribute.kind == "integer" else DecimalFilter
    return {
        name: cls(field_name=name, label=attribute.label),
        f"{name}_min": cls(field_name=name, lookup_expr="gte"),
        f"{name}_max": cls(field_name=name, lookup_expr="lte"),
    }


class MomentField(IsoDateTimeField):
    """A time that PostgreSQL can compare with."""

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return as_utc(found) if found is not None else None


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


def _moment(name: str, attribute: Attribute) -> dict[str, django_filters.Filter]:
    cls = MomentFilter if attribute.kind == "datetime" else django_filters.DateFilter
    widget = forms.DateInput(attrs={"type": "date"})
    return {
        f"{name}_after": cls(
            field_name=name, lookup_expr="gte", label=f"{attribute.label} after", widget=widget
        ),
        f"{name}_before": cls(
            field_name=name, lookup_expr="lt", label=f"{attribute.label} before", widget=widget
        ),
    }


def _reference(name: str, attribute: Attribute) -> dict[str, django_filters.Filter]:
    assert isinstance(attribute, Reference)
    every = isinstance(attribute, References)
    return {
        name: ReferenceFilter(
            target=attribute.related, field_name=name, label=attribute.label, every=every, distinct=False
        )
    }


def _text(name: str, attribute: Attribute) -> dict[str, django_filters.Filter]:
    if attribute.choices:
        choices = attribute.choices
        return {
            name: django_filters.MultipleChoiceFilter(
                field_name=name, label=attribute.label, choices=choices, distinct=False
            )
        }
    return {
        name: TextFilter(field_name=name, label=attribute.label),
        f"{name}_is": ExactTextFilter(field_name=name, label=f"{attribute.label} is exactly"),
    }


class Whether(forms.NullBooleanSelect):
    """Says what it asks: a bare "Unknown" among other filters tells nobody anything."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.choices = [("", label), ("true", f"{label}: yes"), ("false", f"{label}: no")]

    def format_value(self, value: Any) -> str:
        found = super().format_value(value)
        return "" if found == "unknown" else str(found)


def _boolean(name: str, attribute: Attribute) -> dict[str, django_filters.Filter]:
    widget = Whether(attribute.label)
    return {name: django_filters.BooleanFilter(field_name=name, label=attribute.label, widget=widget)}


BUILDERS: dict[str, Build] = {
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "date": _moment,
    "datetime": _moment,
    "reference": _reference,
    "references": _reference,
}
"""How the filters of an attribute are made, by its kind. Apps add kinds of their own."""


class ResourceFilterSet(django_filters.FilterSet):
    """Base of the made sets: knows the user, through whose eyes references are found."""

    def __init__(self, data: Any, queryset: QuerySet, user: Any) -> None:
        self.user = user
        super().__init__(data=data, queryset=queryset)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """A filter by way of another object finds nothing through one that the user may not see."""
        used = {
            self.filters[name].field_name for name, value in self.form.cleaned_data.items() if _is_set(value)
        }
        for path in used:
            if path and "__" in path:
                queryset = queryset.filter(along(self.user, queryset.model, path))
        rows: QuerySet = super().filter_queryset(queryset)
        return rows


def _is_set(value: Any) -> bool:
    return value not in (None, "", [])


_sets: dict[tuple[Resource, frozenset[str]], type[ResourceFilterSet]] = {}


def filterset(resource: Resource, names: Iterable[str]) -> type[ResourceFilterSet]:
    """The FilterSet over the named attributes, made once."""
    wanted = frozenset(names)
    key = (resource, wanted)
    if key not in _sets:
        members: dict[str, Any] = {}
        for name in [one for one in filterable(resource) if one in wanted]:
            attribute = resource.attribute(name)
            members |= BUILDERS.get(attribute.kind, _text)(name, attribute)
        meta = type("Meta", (), {"model": resource.model, "fields": []})
        _sets[key] = type(
            f"{resource.model.__name__}Filters", (ResourceFilterSet,), {"Meta": meta, **members}
        )
    return _sets[key]


def filterable(resource: Resource) -> list[str]:
    """Names of what can be filtered by: the declared filters first, then all that is readable."""
    names = [*dict.fromkeys([*resource.filters, *resource.readable])]
    return [name for name in names if _can_filter(resource, name)]


def _can_filter(resource: Resource, name: str) -> bool:
    try:
        attribute = resource.attribute(name)
    except FieldDoesNotExist:
        return False
    return attribute.kind not in NOT_FILTERS and not isinstance(attribute, Count)


def allowed(resource: Resource, user: Any) -> list[str]:
    """What this user may filter by."""
    return [name for name in filterable(resource) if may_see(user, resource.model, name)]
