"""What changed lately, anywhere a person may look: for the overview's card and the history page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any

from django.db.models import CharField, Model, Q, QuerySet, Value

from core import history
from core.access import Sight, called, hidden_fields, is_unlimited, visible
from core.history.reading import relation_changes_of
from core.models import RelationChange

TOGETHER = 3
"""So many alike steps of one act are told as one line."""


@dataclass(slots=True)
class Wanted:
    """What to look for. who: a user name · model: a tracked model's label · text of times is inclusive."""

    who: str = ""
    model: str = ""
    since: datetime | None = None
    until: datetime | None = None
    models: Sequence[type[Model]] = field(default_factory=history.tracked_models)

    def of(self, user: Any) -> list[type[Model]]:
        """The models that count: those asked for, as far as the user may see any of their rows."""
        return [
            model
            for model in self.models
            if (not self.model or model._meta.label_lower == self.model)
            and is_unlimited(user, model) is not None
        ]


def recent(user: Any, wanted: Wanted, limit: int = 50) -> list[history.Change]:
    """The last changes of all objects that the user may see, newest first.

    One query over all models finds them, then at most three a model tell what they were: never more with more
    rows. A deleted object is shown only where no constraint holds: nobody can tell any more if it fit.
    """
    models = wanted.of(user)
    if not models:
        return []
    found = [
        change
        for model, keys in _latest_events(user, models, wanted, limit).items()
        for change in _told(user, model, keys, limit)
    ]
    found += _relations(user, models, wanted, limit)
    return sorted(found, key=lambda change: change.at, reverse=True)[:limit]


def together(changes: Sequence[history.Change]) -> list[list[history.Change]]:
    """Neighbors that one act did alike to objects of one kind, as one group where they are many."""
    groups: list[list[history.Change]] = []
    for _, run in groupby(changes, key=lambda one: (one.context_id or one.at, one.model, one.kind)):
        steps = list(run)
        groups += [steps] if len(steps) > TOGETHER else [[one] for one in steps]
    return groups


def _latest_events(
    user: Any, models: Sequence[type[Model]], wanted: Wanted, limit: int
) -> dict[type[Model], list[int]]:
    parts = [
        _events(user, model, wanted)
        .annotate(model_label=Value(model._meta.label_lower, output_field=CharField()))
        .order_by("-pgh_id")
        .values_list("model_label", "pgh_id", "pgh_created_at")[:limit]
        for model in models
    ]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    by_label = {model._meta.label_lower: model for model in models}
    keys: dict[type[Model], list[int]] = {}
    for label, key, _ in rows.order_by("-pgh_created_at", "-pgh_id")[:limit] if len(parts) > 1 else rows:
        keys.setdefault(by_label[label], []).append(key)
    return keys


def visible_events(user: Any, model: type[Model]) -> QuerySet:
    """Event rows of the objects that the user may see now."""
    rows = history.event_model(model)._default_manager.all()
    if not is_unlimited(user, model):
        rows = rows.filter(pgh_obj_id__in=visible(user, model).order_by().values("pk"))
    return rows


def _events(user: Any, model: type[Model], wanted: Wanted) -> QuerySet:
    rows = visible_events(user, model).filter(_times("pgh_created_at", wanted))
    if wanted.who:
        rows = rows.filter(pgh_context__metadata__username=wanted.who)
    return rows


def _told(user: Any, model: type[Model], keys: list[int], limit: int) -> list[history.Change]:
    events = history.event_model(model)._default_manager.filter(pgh_id__in=keys)
    return history.changes_of(model, events, limit, hidden_fields(user, model), Sight(user))


def _relations(user: Any, models: Sequence[type[Model]], wanted: Wanted, limit: int) -> list[history.Change]:
    rows = RelationChange.objects.filter(_times("at", wanted)).filter(
        reduce(or_, (_relations_of(user, model) for model in models))
    )
    if wanted.who:
        rows = rows.filter(context__metadata__username=wanted.who)
    keys: dict[str, list[int]] = {}
    for key, label in rows.order_by("-pk").values_list("pk", "model")[:limit]:
        keys.setdefault(label, []).append(key)
    return [
        change
        for model in models
        if model._meta.label_lower in keys
        for change in _named(user, model, keys[model._meta.label_lower], limit)
    ]


def _relations_of(user: Any, model: type[Model]) -> Q:
    q = Q(model=model._meta.label_lower)
    return (
        q if is_unlimited(user, model) else q & Q(object_id__in=visible(user, model).order_by().values("pk"))
    )


def _named(user: Any, model: type[Model], keys: list[int], limit: int) -> list[history.Change]:
    rows = RelationChange.objects.filter(pk__in=keys)
    changes = relation_changes_of(model, rows, limit, hidden_fields(user, model), Sight(user))
    found = model._default_manager.in_bulk({change.object_id for change in changes})
    for change in changes:
        obj = found.get(change.object_id)
        change.name = called(user, obj) if obj else f"#{change.object_id}"
    return changes


def _times(column: str, wanted: Wanted) -> Q:
    q = Q()
    if wanted.since:
        q &= Q(**{f"{column}__gte": wanted.since})
    if wanted.until:
        q &= Q(**{f"{column}__lte": wanted.until})
    return q
