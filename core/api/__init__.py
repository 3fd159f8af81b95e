"""The REST API: addresses of resources come from their declaration; `route` adds the others."""

from core.api.routing import patterns, route

__all__ = ["patterns", "route"]
