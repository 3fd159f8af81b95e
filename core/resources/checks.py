"""System checks: a resource that names what is not there fails at start, in clear words."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist

from core.resources.attributes import attribute_of
from core.resources.base import OPERATIONS, Resource, all_resources

NAME_LISTS = ("columns", "read_only", "filters", "search", "natural_key")


@register("resources")
def check_resources(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every registered resource."""
    return [message for resource in all_resources() for message in check(resource)]


def check(resource: Resource) -> Iterator[CheckMessage]:
    """What is wrong with one resource."""
    where = type(resource).__name__
    known = {name for name in vars(Resource) if not name.startswith("_")}
    for name in vars(type(resource)):
        if not name.startswith("_") and name not in known and not callable(getattr(type(resource), name)):
            yield Error(f"{where}.{name} is no attribute of a resource", id="resources.E001")
    for list_name in NAME_LISTS:
        yield from _check_names(resource, list_name, getattr(resource, list_name))
    yield from _check_names(resource, "fields", resource.writable)
    for operation in set(resource.operations) - set(OPERATIONS):
        yield Error(f"{where}.operations: {operation!r} is none of {OPERATIONS}", id="resources.E003")
    if not resource.purpose:
        yield Error(f"{where} has no docstring: an empty list could not say why", id="resources.E007")
    if not resource.columns:
        yield Error(f"{where}.columns is empty: the list would show nothing", id="resources.E004")
    if resource.allows("import") and not resource.natural_key:
        yield Error(f"{where}.natural_key is empty: import cannot match rows", id="resources.E005")
    if len(set(resource.writable)) != len(resource.writable):
        yield Error(f"{where}.fields names a field twice", id="resources.E006")


def _check_names(resource: Resource, list_name: str, names: tuple[str, ...]) -> Iterator[CheckMessage]:
    for name in names:
        try:
            attribute_of(resource.model, name)
        except FieldDoesNotExist:
            yield Error(
                f"{type(resource).__name__}.{list_name} names {name!r}, "
                f"which {resource.model._meta.label} does not have",
                hint=f"It has: {', '.join(sorted(one.name for one in resource.model._meta.get_fields()))}",
                id="resources.E002",
            )
