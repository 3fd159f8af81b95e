"""History: every change of a tracked model, by triggers, so that bulk writes and plain SQL are caught too.

Who, why and from where come from the context that middleware and tasks open around a change.
"""

from collections.abc import Callable
from typing import Any

import pghistory


def tracked(*, exclude: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """Class decorator: keeps each insert, update and delete of the model as an event row.

    `exclude` names fields that never enter history: secrets, and columns that change by themselves.
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=["created_at", "updated_at", *exclude],
    )
