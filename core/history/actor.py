"""Who changes something, why and from where: what the triggers store beside each event."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import connection
from pghistory.runtime import Context, _tracker

SOURCES = ("page", "api", "import", "task", "agent", "command")
LONGEST_WHY = 500


@contextmanager
def context(user: Any = None, why: str = "", source: str = "", **more: str) -> Iterator[None]:
    """Changes inside are by `user`, for the reason `why`, from `source` (one of SOURCES).

    What an inner context leaves empty it takes from the outer one; the outer one is as before when it ends.
    `more` may hold ip and url. The database gets it with each changing statement, not before.
    """
    if source and source not in SOURCES:
        raise ValueError(f"source={source!r} is none of {', '.join(SOURCES)}")
    said = {"why": why.strip()[:LONGEST_WHY], "source": source, **more}
    given = {**_user(user), **{key: clean for key, text in said.items() if (clean := _clean(text))}}
    if not hasattr(_tracker, "value"):
        with pghistory.context(**{"source": "task", **given}):
            try:
                yield
            finally:
                _end_in_transaction()
        return
    outer = _tracker.value
    _tracker.value = Context(id=uuid.uuid4(), metadata={**outer.metadata, **given})
    try:
        yield
    finally:
        _tracker.value = outer


def current() -> dict[str, Any]:
    """A copy of what the innermost open context says; empty outside of any."""
    return dict(_tracker.value.metadata) if hasattr(_tracker, "value") else {}


def set_user(user: Any) -> None:
    """Say who it is once that is known: a token is read after the middleware opened the context."""
    if hasattr(_tracker, "value"):
        _tracker.value.metadata.update(_user(user))


def _user(user: Any) -> dict[str, Any]:
    if user is None or not getattr(user, "is_authenticated", False):
        return {}
    return {"user": user.pk, "username": user.username}


def _clean(text: str) -> str:
    """Text that PostgreSQL's jsonb takes: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _end_in_transaction() -> None:
    """PostgreSQL keeps the setting until the transaction ends; what follows in it is not ours any more."""
    if connection.in_atomic_block and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
