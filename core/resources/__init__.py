"""Resources: a model is declared once; pages, API, import, export and search follow."""

from core.resources.base import Action, Resource, all_resources, register, resource_named, resource_of

__all__ = ["Action", "Resource", "all_resources", "register", "resource_named", "resource_of"]
