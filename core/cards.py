"""Cards of the overview page. Apps add theirs at start (apps.py:ready)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

ZONES = ("now", "broken", "limits", "changed", "doors")
Fill = Callable[[HttpRequest], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Card:
    zone: str
    template: str
    fill: Fill
    order: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A card with what its template needs."""

    template: str
    context: dict[str, Any]


class CardProblem(Exception):
    """A zone that does not exist, or the same template twice in one."""


_cards: dict[tuple[str, str], Card] = {}


def add(zone: str, template: str, function: Fill, order: int = 100) -> None:
    """Show `template` in a zone: now (one line), broken, limits (what is close to one), changed, doors.

    function(request) gives the template's variables, or None where there is nothing to show.
    """
    if zone not in ZONES:
        raise CardProblem(f"there is no zone {zone!r}; there are {', '.join(ZONES)}")
    if (zone, template) in _cards:
        raise CardProblem(f"card {template!r} is added twice to {zone}")
    _cards[zone, template] = Card(zone, template, function, order)


def of(request: HttpRequest, zone: str) -> Iterator[Filled]:
    """The cards of a zone that have something to show, in order."""
    for card in sorted(_cards.values(), key=lambda one: (one.order, one.template)):
        if card.zone == zone and (context := card.fill(request)) is not None:
            yield Filled(card.template, context)
