"""What deleting objects would mean: what goes with them, what holds on to them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, router
from django.db.models import ProtectedError, RestrictedError
from django.db.models.deletion import Collector

from core.access import can
from core.resources.base import resource_of
from core.resources.references import ref

NAMED = 10


@dataclass(frozen=True, slots=True)
class Removal:
    """`goes`: kinds and numbers deleted along; `holders`: objects in the way."""

    goes: list[dict[str, Any]]
    holders: list[dict[str, Any]]


def foresee(user: Any, objects: Sequence[models.Model]) -> Removal:
    """What would happen; nothing is changed."""
    model = type(objects[0])
    collector = Collector(using=router.db_for_write(model))
    try:
        collector.collect(objects)
    except ProtectedError as error:
        return Removal([], _holders(user, error.protected_objects))
    except RestrictedError as error:
        return Removal([], _holders(user, error.restricted_objects))
    return Removal(_goes(collector, model, len(objects)), [])


def _goes(collector: Collector, model: type[models.Model], chosen: int) -> list[dict[str, Any]]:
    numbers: Counter[type[models.Model]] = Counter()
    for kind, instances in collector.data.items():
        numbers[kind] += len(instances)
    for rows in collector.fast_deletes:
        numbers[rows.model] += rows.count()
    numbers[model] -= chosen
    return [
        {"label": kind._meta.verbose_name if number == 1 else kind._meta.verbose_name_plural, "count": number}
        for kind, number in numbers.items()
        if number > 0 and not kind._meta.auto_created
    ]


def _holders(user: Any, objects: Any) -> list[dict[str, Any]]:
    """The first few by name where the user may see them, the rest as a number a kind."""
    by_kind: dict[type[models.Model], list[models.Model]] = {}
    for obj in objects:
        by_kind.setdefault(type(obj), []).append(obj)
    found: list[dict[str, Any]] = []
    for kind, some in by_kind.items():
        named = [obj for obj in some[:NAMED] if resource_of(obj) and can(user, "view", obj)]
        found += [
            {"label": f"{kind._meta.verbose_name} {one.name}", "url": one.url, "count": None}
            for one in (ref(user, obj) for obj in named)
        ]
        if len(some) > len(named):
            more = "more " if named else ""
            found.append(
                {"label": f"{more}{kind._meta.verbose_name_plural}", "count": len(some) - len(named)}
            )
    return found
