"""The rows that an address asks for: visible, filtered, searched, ordered. For pages, API and export."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, QuerySet
from django.http import QueryDict

from core.access import is_unlimited, visible
from core.resources.attributes import Attribute, Reference, checked_text
from core.resources.base import Resource
from core.resources.filters import ResourceFilterSet, allowed, filterset
from core.resources.paths import limits
from core.resources.rows import may_see
from core.search import matching


class Query:
    """What the query string of a list means for one user.

    strict: unknown parameters are refused by name (API); else they are left alone (pages).
    """

    def __init__(
        self, resource: Resource, user: Any, data: QueryDict, other: Iterable[str] = (), strict: bool = False
    ) -> None:
        self.resource = resource
        self.user = user
        self.data = data
        self.filters = self._filterset(frozenset(other), strict)
        self.search = data.get("q", "").strip()

    def _filterset(self, other: frozenset[str], strict: bool) -> ResourceFilterSet:
        names = allowed(self.resource, self.user)
        cls = filterset(self.resource, names)
        known = cls.base_filters.keys()
        sent = {name for name in self.data if self.data.get(name) != ""}
        if strict and (unknown := sorted(sent - known - other - {"q"})):
            raise ValidationError(dict.fromkeys(unknown, "There is no such filter or parameter"))
        used = {cls.base_filters[name].field_name for name in sent & known}
        small = filterset(self.resource, [name for name in names if name in used]) if strict else cls
        return small(self.data, visible(self.user, self.resource.model), self.user)

    def rows(self) -> QuerySet:
        """The rows, not ordered; ValidationError by parameter for values that cannot be read."""
        if not self.filters.is_valid():
            raise ValidationError({name: list(found) for name, found in self.filters.errors.items()})
        checked_text(self.search)
        rows = self.filters.qs
        return matching(rows, self.resource, self.user, self.search) if self.search else rows

    def ordered(self, rows: QuerySet, order: str) -> QuerySet:
        """Ordered by comma-separated names, "-" for descending; then by key, so that pages never overlap."""
        terms = [term for term in order.split(",") if term]
        return rows.order_by(*[one for term in terms for one in self._order(term)], "pk")

    def usual(self, rows: QuerySet) -> QuerySet:
        """In the model's own order, less the terms that lead over objects which the user may not see."""
        terms = [str(term) for term in self.resource.model._meta.ordering]
        names = {term: term.lstrip("-") for term in terms}
        return self.ordered(
            rows, ",".join(term for term in terms if names[term] == "pk" or self._sortable(names[term]))
        )

    def _sortable(self, name: str) -> Attribute | None:
        """The attribute to order by; None where there is none, or its order would tell what is hidden."""
        model = self.resource.model
        try:
            attribute = self.resource.attribute(name)
        except FieldDoesNotExist:
            return None
        usable = attribute.sortable and not attribute.secret and may_see(self.user, model, name)
        return attribute if usable and not limits(self.user, model, name) else None

    def _order(self, term: str) -> list[Any]:
        name = term.lstrip("-+")
        if name == "pk":
            return [term]
        attribute = self._sortable(name)
        if attribute is None:
            raise ValidationError({"ordering": f"{name!r} is nothing to order by"})
        if isinstance(attribute, Reference):
            if is_unlimited(self.user, attribute.related):
                return [term]
            name = f"{name}_id"  # names that the user may not see leave no trace in the order
        return [F(name).desc(nulls_last=True) if term.startswith("-") else F(name).asc(nulls_last=True)]
