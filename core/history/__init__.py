"""History: every change of a tracked model, by triggers, so that bulk writes and plain SQL are caught too.

Who, why and from where come from the context that middleware, tasks and imports open around a change.
"""

from core.history.actor import context, current, set_user
from core.history.reading import Change, changes, changes_of, changes_since, version
from core.history.tracking import event_model, tracked, tracked_models

__all__ = [
    "Change",
    "changes",
    "changes_of",
    "changes_since",
    "context",
    "current",
    "event_model",
    "set_user",
    "tracked",
    "tracked_models",
    "version",
]
