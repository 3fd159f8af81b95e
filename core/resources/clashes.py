"""What others saved while a form was open, where that differs from what the form would save."""

from typing import Any

from django.db import models

from core import history
from core.access import Sight, hidden_fields
from core.history import Change
from core.resources.forms import ResourceForm

SECRET_STAMP = "secret_changed_at"  # noqa: S105
"""Stands in history for a secret that is not there."""


def version_of(obj: models.Model) -> str:
    """The version of an object for its form; empty for a model without history, which is not guarded."""
    return history.version(obj) if type(obj) in history.tracked_models() else ""


def clashes(user: Any, form: ResourceForm, known: str) -> list[Change]:
    """The changes since the version `known` that saving the form would undo, newest first.

    The form is bound to the stored object: a field that both changed to the same value is no clash. A text
    that is no version guards nothing.
    """
    obj, model = form.instance, type(form.instance)
    if not known or model not in history.tracked_models():
        return []
    try:
        changes = history.changes_since(obj, known, hidden_fields(user, model), Sight(user))
    except ValueError:
        return []
    for change in changes:
        change.differences = [one for one in change.differences if _undone(form, one.name)]
    return [one for one in changes if one.differences]


def _undone(form: ResourceForm, name: str) -> bool:
    """Whether the form would write another value than is stored now. What its own fields stand for may be."""
    if name in form.fields:
        return name in form.changed_data
    return name == SECRET_STAMP or name in form.resource.writable
