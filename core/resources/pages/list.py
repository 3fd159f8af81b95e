"""The list of a resource: filters in the address, search, sorting, columns, saved views, selection."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from core.access import is_unlimited, visible
from core.models import SavedView
from core.resources.attributes import Reference
from core.resources.columns import Column, Table, choosable, defaults
from core.resources.pages.page import Page
from core.resources.querying import Query

SIZES = (25, 50, 100, 250, 500)
SIZE = 50
STATE = ("sort", "columns", "per_page")


class Counted(Paginator):
    """A paginator whose count ignores order and columns."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet = self.object_list
        return int(rows.order_by().count())


class ListPage(Page):
    template = "resources/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = Query(self.resource, request.user, request.GET)
        table = Table(self.resource, request.user, self.columns(request.GET))
        problem = ""
        try:
            rows, sort = query.rows(), request.GET.get("sort", "")
            rows = query.ordered(rows, sort) if sort else query.usual(rows)
        except ValidationError as error:
            problem = "; ".join(error.messages)
            rows = visible(request.user, self.resource.model).none()
        pages = Counted(rows, self.size(request.GET))
        page = pages.get_page(request.GET.get("page"))
        return self.render(
            title=self.resource.label_plural,
            problem=problem,
            query=query.search,
            form=(form := self.filter_form(query)),
            active=sum(any(request.GET.getlist(name)) for name in form.fields),
            applied=self.applied(query),
            heads=[self.head(column, request.GET) for column in table.columns],
            lines=list(table.lines(page.object_list)),
            page_obj=page,
            sizes=sizes_for(pages.count, pages.per_page),
            empty_title=self.empty_title(),
            empty_templates=[self.resource.empty_template, "resources/list_empty.html"],
            keep={name: ",".join(request.GET.getlist(name)) for name in STATE if request.GET.get(name)},
            choices=self.column_choices(table),
            hidden_state=[
                (name, one)
                for name, values in request.GET.lists()
                for one in values
                if name not in ("columns", "page")
            ],
            saved_views=self.saved_views(),
            query_string=_without(request.GET, "page").urlencode(),
            may_add=self.may("add"),
            may_change=self.may("change"),
            may_delete=self.may("delete"),
            may_import=self.may("import") and self.may("add"),
        )

    def columns(self, data: QueryDict) -> list[str]:
        chosen = [name for text in data.getlist("columns") for name in text.split(",") if name]
        return chosen or defaults(self.resource)

    def size(self, data: QueryDict) -> int:
        text = data.get("per_page", "")
        return int(text) if text.isdecimal() and int(text) in SIZES else SIZE

    def empty_title(self) -> str:
        """Who sees a part only hears no more than that."""
        if is_unlimited(self.request.user, self.resource.model):
            return f"No {self.resource.noun} yet"
        return f"No {self.resource.noun} that you may see"

    def head(self, column: Column, data: QueryDict) -> dict[str, Any]:
        """A head cell: its label, which way it is sorted, the address that sorts by it."""
        sorted_by = data.get("sort", "")
        direction = {column.name: "asc", f"-{column.name}": "desc"}.get(sorted_by, "")
        url = ""
        if column.sortable:
            changed = _without(data, "page", "sort")
            changed["sort"] = f"-{column.name}" if direction == "asc" else column.name
            url = f"?{changed.urlencode()}"
        return {"label": column.label, "css": column.css, "direction": direction, "url": url}

    def filter_form(self, query: Query) -> Any:
        """The form of the declared filters; others stay in the address and show as chips."""
        form = query.filters.form
        base = query.filters.base_filters
        for name in list(form.fields):
            if base[name].field_name not in self.resource.filters or name.endswith(("_is", "_min", "_max")):
                del form.fields[name]
        for name, field in form.fields.items():
            field.widget.attrs.setdefault("placeholder", str(field.label or name))
            if hasattr(field.widget, "choices"):
                field.widget.attrs["data-choices"] = ""
        return form

    def applied(self, query: Query) -> list[dict[str, str]]:
        """A chip for each filter that is set but has no place in the form, each removable."""
        found = []
        for name, one in query.filters.base_filters.items():
            if name in query.filters.form.fields:
                continue
            for value in self.request.GET.getlist(name):
                if value:
                    attribute = self.resource.attribute(one.field_name)
                    shown = self._said(attribute, value)
                    url = f"?{_without(self.request.GET, name, 'page').urlencode()}"
                    found.append({"label": f"{attribute.label}: {shown}", "remove_url": url})
        return found

    def _said(self, attribute: Any, value: str) -> str:
        if isinstance(attribute, Reference) and value.isdecimal() and len(value) < 19:
            found = visible(self.request.user, attribute.related).filter(pk=value).first()
            return self.name(found) if found else value
        return dict(attribute.choices).get(value, value)

    def column_choices(self, table: Table) -> list[dict[str, Any]]:
        known = choosable(self.resource, self.request.user)
        rest = [name for name in known if name not in table.names]
        return [
            {"name": name, "label": known.get(name, name), "on": name in table.names}
            for name in [*table.names, *rest]
        ]

    def saved_views(self) -> list[dict[str, Any]]:
        """One's own views and those shared, of this resource."""
        mine = visible(self.request.user, SavedView).filter(resource=self.resource.model._meta.label_lower)
        return [
            {
                "pk": one.pk,
                "label": one.name,
                "url": f"?{one.query}",
                "own": one.owner_id == self.request.user.pk,
            }
            for one in mine.filter(Q(owner=self.request.user.pk) | Q(shared=True))
        ]


def sizes_for(count: int, chosen: int, sizes: Sequence[int] = SIZES) -> list[int]:
    """The page sizes that make a difference: each that leaves a rest, the first that leaves none."""
    if count <= sizes[0]:
        return []
    below = dict(zip(sizes, (0, *sizes), strict=False))
    return [size for size in sizes if count > below[size] or size == chosen]


def _without(data: QueryDict, *names: str) -> QueryDict:
    """A copy of the parameters without some and without empty ones."""
    copy = data.copy()
    for name in [*names, *[name for name in data if not any(data.getlist(name))]]:
        copy.pop(name, None)
    return copy
