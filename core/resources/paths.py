"""Paths over foreign keys, as far as a person may see the objects on the way."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from core.access import is_unlimited, visible


def limits(user: Any, model: type[models.Model], path: str) -> list[tuple[str, type[models.Model]]]:
    """The steps of a path at which the user may not see every row: (path so far, model there)."""
    found = []
    at: Any = model
    steps = path.split("__")
    for number, step in enumerate(steps[:-1], 1):
        at = at._meta.get_field(step).related_model
        if not is_unlimited(user, at):
            found.append(("__".join(steps[:number]), at))
    return found


def along(user: Any, model: type[models.Model], path: str) -> Q:
    """The condition that a path leads over rows which the user may see: for searching and filtering by it."""
    condition = Q()
    for step, related in limits(user, model, path):
        condition &= Q(**{f"{step}__in": visible(user, related).order_by().values("pk")})
    return condition


class Curtain:
    """Takes away what was read by way of objects that the user may not see; no query where nothing limits.

    `columns` must be read besides the paths: the keys on the way.
    """

    def __init__(self, user: Any, model: type[models.Model], paths: Iterable[str]) -> None:
        self.user = user
        self.limits = {path: steps for path in paths if (steps := limits(user, model, path))}
        self.steps = {step: related for steps in self.limits.values() for step, related in steps}
        self.columns = list(self.steps)

    def draw(self, rows: list[dict[str, Any]], instead: Any = None) -> None:
        """Put `instead` in the place of each value that the user may not know."""
        seen = {
            step: set(
                visible(self.user, related)
                .filter(pk__in={row[step] for row in rows} - {None})
                .values_list("pk", flat=True)
            )
            for step, related in self.steps.items()
        }
        for row in rows:
            passed = {step for step, keys in seen.items() if row[step] in keys}
            for path, steps in self.limits.items():
                if row[path] is not None and any(step not in passed for step, _ in steps):
                    row[path] = instead
