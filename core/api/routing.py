"""Addresses under /api/v1/."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

PREFIX = "api/v1/"
_routes: dict[str, Any] = {}


class DuplicateRoute(Exception):
    """Two views want the same address."""


def route(prefix: str, view: Any, name: str = "") -> None:
    """Serve a view under /api/v1/<prefix>: "series/<int:pk>/points/" or, of a viewset, "alerts".

    Call it in apps.py:ready(). A second of the same prefix fails at start.
    """
    if prefix in _routes:
        raise DuplicateRoute(f"/{PREFIX}{prefix} is served already")
    _routes[prefix] = (view, name)


def patterns() -> list[URLPattern | URLResolver]:
    """URL patterns of everything that `route` was told, in that order."""
    found: list[URLPattern | URLResolver] = []
    for prefix, (view, name) in _routes.items():
        if isinstance(view, type) and issubclass(view, ViewSetMixin):
            router = SimpleRouter()
            router.register(prefix.strip("/"), view, basename=name or prefix.strip("/"))
            found.append(path("", include(router.urls)))
        else:
            function = view.as_view() if hasattr(view, "as_view") else view
            found.append(path(prefix, function, name=name or None))
    return found
