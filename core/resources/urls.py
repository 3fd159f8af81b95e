"""Addresses of every resource's pages and API."""

from django.urls import URLPattern, path

from core.api.routing import PREFIX
from core.resources.api import as_views
from core.resources.base import Resource, all_resources


def patterns() -> list[URLPattern]:
    """All resources; called once, when itim.urls is loaded."""
    return [one for resource in all_resources() for one in [*api(resource)]]


def api(resource: Resource) -> list[URLPattern]:
    many, one = as_views(resource)
    return [
        path(f"{PREFIX}{resource.plural}/", many, name=f"api-{resource.plural}"),
        path(f"{PREFIX}{resource.plural}/<int:pk>/", one, name=f"api-{resource.plural}-detail"),
    ]
