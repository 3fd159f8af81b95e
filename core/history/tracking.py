"""Which models have history, and the triggers that write it (core.history.relations: those of tags)."""

from collections.abc import Callable
from typing import Any

import pghistory
from django.db import models

from core.secrets import ENCRYPTED_FIELDS

_tracked: list[type[models.Model]] = []


def tracked(*, exclude: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """Class decorator: keeps each insert, update and delete of the model as an event row.

    Changes of its many-to-many relations (tags) are kept too, as rows of RelationChange. `exclude` names
    fields that never enter history: those that change by themselves. Encrypted fields never do.
    """

    def decorate(model: Any) -> Any:
        secret = [field.name for field in model._meta.local_fields if isinstance(field, ENCRYPTED_FIELDS)]
        model = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=["created_at", "updated_at", *secret, *exclude],
        )(model)
        _tracked.append(model)
        return model

    return decorate


def tracked_models() -> tuple[type[models.Model], ...]:
    """Every model that has history, in order of declaration."""
    return tuple(_tracked)


def event_model(model: type[models.Model]) -> type[models.Model]:
    """The model of a tracked model's events; LookupError for one that has no history."""
    if model not in _tracked:
        raise LookupError(f"{model._meta.label} has no history: decorate it with core.history.tracked")
    event: type[models.Model] = model._meta.get_field("events").related_model
    return event
