"""Locks on rows: in the order of their keys, so that writers wait for one another and never in a ring.

What deadlocks all the same (unique values, rows that go along) is tried a second time, then told as Busy.
"""

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final, TypeVar

from django.db import OperationalError, connection, models

log = logging.getLogger(__name__)

DEADLOCK: Final = "40P01"
NOT_SERIALIZABLE: Final = "40001"
"""SQLSTATE, PostgreSQL's documentation, appendix A: class 40, transaction rollback."""

Model = TypeVar("Model", bound=models.Model)
Result = TypeVar("Result")


class Busy(Exception):
    """Somebody else writes the same rows at this moment; nothing was written."""

    def __init__(self) -> None:
        super().__init__("Somebody else is writing the same objects at this moment: try again")


def lock(model: type[Model], keys: Iterable[Any]) -> dict[Any, Model]:
    """The stored rows by key as they are now, locked until the transaction ends."""
    rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=list(keys)).order_by("pk")
    return {row.pk: row for row in rows}


def retried(act: Callable[..., Result]) -> Callable[..., Result]:
    """Decorator of what opens a transaction of its own: PostgreSQL undid it for a clash, so it is done again.

    Raises Busy when the second try clashes too, or where an outer transaction forbids a second one.
    """

    @wraps(act)
    def doing(*args: Any, **kwargs: Any) -> Result:
        try:
            return act(*args, **kwargs)
        except OperationalError as error:
            if not _clashed(error):
                raise
            if connection.in_atomic_block:
                raise Busy from error
            log.info("tried again after a clash: %s", error)
        try:
            return act(*args, **kwargs)
        except OperationalError as error:
            if _clashed(error):
                raise Busy from error
            raise

    return doing


def _clashed(error: OperationalError) -> bool:
    return getattr(error.__cause__, "pgcode", None) in (DEADLOCK, NOT_SERIALIZABLE)
