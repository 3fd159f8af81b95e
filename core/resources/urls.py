"""Addresses of every resource's pages and API."""

from typing import Any

from django.urls import URLPattern, path

from core.api.routing import PREFIX
from core.resources.api import as_views
from core.resources.base import Resource, all_resources
from core.resources.pages.bulk import BulkPage
from core.resources.pages.choices import ChoicesPage
from core.resources.pages.delete import DeletePage
from core.resources.pages.detail import DetailPage
from core.resources.pages.edit import AddPage, EditPage
from core.resources.pages.export import ExportPage
from core.resources.pages.importing import ImportPage
from core.resources.pages.list import ListPage
from core.resources.pages.views import SavedViewsPage

OF_MANY: dict[str, Any] = {
    "list": ListPage,
    "add": AddPage,
    "import": ImportPage,
    "export": ExportPage,
    "bulk": BulkPage,
    "views": SavedViewsPage,
}
OF_ONE: dict[str, Any] = {"detail": DetailPage, "edit": EditPage, "delete": DeletePage}


def patterns() -> list[URLPattern]:
    """All resources; called once, when itim.urls is loaded."""
    return [one for resource in all_resources() for one in [*pages(resource), *api(resource)]]


def pages(resource: Resource) -> list[URLPattern]:
    base = f"{resource.app}/{resource.plural}/"
    found = []
    for name, view in OF_MANY.items():
        where = base if name == "list" else f"{base}{name}/"
        found.append(path(where, view.as_view(resource=resource), name=f"{resource.plural}-{name}"))
    for name, view in OF_ONE.items():
        where = f"{base}<int:pk>/" if name == "detail" else f"{base}<int:pk>/{name}/"
        found.append(path(where, view.as_view(resource=resource), name=f"{resource.plural}-{name}"))
    choices = ChoicesPage.as_view(resource=resource)
    return [*found, path(f"choices/{resource.plural}/", choices, name=f"{resource.plural}-choices")]


def api(resource: Resource) -> list[URLPattern]:
    many, one = as_views(resource)
    return [
        path(f"{PREFIX}{resource.plural}/", many, name=f"api-{resource.plural}"),
        path(f"{PREFIX}{resource.plural}/<int:pk>/", one, name=f"api-{resource.plural}-detail"),
    ]
