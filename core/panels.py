"""Panels: what other domains show on an object's page. Apps add theirs at start (apps.py:ready)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Model
from django.http import HttpRequest

Width = Literal["full", "half", "top", "main", "side"]
"""Top stands above all, side beside the facts. Main is known to devices and ports; elsewhere it is full."""
Fill = Callable[[HttpRequest, Any], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page of every object of `model` (and of models derived from it)."""

    model: type[Model]
    template: str
    fill: Fill
    order: int
    width: Width


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with what its template needs."""

    template: str
    width: Width
    order: int
    context: dict[str, Any]


class DuplicatePanel(Exception):
    """The same template is added twice to a model."""


_panels: dict[tuple[type[Model], str], Panel] = {}


def add(model: type[Model], template: str, function: Fill, order: int = 100, width: Width = "full") -> None:
    """Show `template` on the pages of model's objects.

    function(request, obj) gives the template's variables, or None where there is nothing to show. It reads
    rows through core.access.visible. Low orders stand first; two halves stand side by side.
    """
    if (model, template) in _panels:
        raise DuplicatePanel(f"panel {template!r} is added twice to {model._meta.label}")
    _panels[model, template] = Panel(model, template, function, order, width)


def of(request: HttpRequest, obj: Model) -> Iterator[Filled]:
    """The panels of an object that have something to show, in order."""
    for panel in sorted(_panels.values(), key=lambda one: (one.order, one.template)):
        if isinstance(obj, panel.model) and (context := panel.fill(request, obj)) is not None:
            yield Filled(panel.template, panel.width, panel.order, {**context, "object": obj})
