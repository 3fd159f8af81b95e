"""How things are: the app that knows says it, pages of any app ask. States are keys of core.states."""

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Model

Say = Callable[[Any, Collection[Any]], dict[Any, str]]

_sayers: dict[type[Model], Say] = {}


class DuplicateCondition(Exception):
    """Two apps say how things of one model are."""


def say(model: type[Model], function: Say) -> None:
    """function(user, keys) gives the state of each of these things, all at once; unknown ones left out."""
    if model in _sayers:
        raise DuplicateCondition(f"somebody says already how {model._meta.verbose_name_plural} are")
    _sayers[model] = function


def of(user: Any, model: type[Model], keys: Collection[Any]) -> dict[Any, str]:
    """The state of each of these things as far as it is known; empty where nobody knows of the model."""
    function = _sayers.get(model)
    return function(user, keys) if function and keys else {}
