"""The end of history: old steps go, the last one of each object stays, for without it no later one reads."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from core.history.tracking import event_model, tracked_models

BATCH = 5000


def forget(before: datetime) -> int:
    """Delete what happened before a moment, but for the last such step of each object; how many rows went.

    In batches with transactions of their own, so that nobody waits for long.
    """
    gone = 0
    contexts: set[Any] = set()
    for model in tracked_models():
        old = _old_events(event_model(model), before)
        number, found = _delete(old, "pgh_id", "pgh_context_id")
        gone, contexts = gone + number, contexts | found
    links = _relation_changes().filter(at__lt=before)
    number, found = _delete(links, "pk", "context_id")
    _forget_contexts(contexts | found)
    return gone + number


def _relation_changes() -> Any:
    return apps.get_model("core", "RelationChange")._default_manager.all()


def _old_events(events: type[models.Model], before: datetime) -> Any:
    rows = events._default_manager.filter(pgh_created_at__lt=before)
    newer = rows.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__gt=OuterRef("pgh_id"))
    return rows.filter(Exists(newer)).order_by("pk")


def _delete(rows: Any, key: str, context: str) -> tuple[int, set[Any]]:
    """How many rows went, and in what contexts they had been written."""
    gone = 0
    contexts: set[Any] = set()
    while part := list(rows.values_list(key, context)[:BATCH]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=[pk for pk, _ in part]).delete()
        gone += len(part)
        contexts |= {one for _, one in part} - {None}
    return gone, contexts


def _forget_contexts(keys: set[Any]) -> None:
    """Who, why and from where go when no step is left that tells of them."""
    todo = sorted(keys)
    for start in range(0, len(todo), BATCH):
        part = set(todo[start : start + BATCH])
        for model in tracked_models():
            part -= _used(event_model(model)._default_manager.all(), "pgh_context_id", part)
        part -= _used(_relation_changes(), "context_id", part)
        apps.get_model("pghistory", "Context")._default_manager.filter(pk__in=part).delete()


def _used(rows: Any, column: str, keys: set[Any]) -> set[Any]:
    return set(rows.filter(**{f"{column}__in": keys}).values_list(column, flat=True).distinct())
