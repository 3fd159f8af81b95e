"""Sparklines: from numbers to the points of an SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import format as formats

WIDTH, HEIGHT, MARGIN = 100.0, 24.0, 2.0
Values = Sequence[float | int | None]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Ready attributes: a string "x,y x,y" for each run without gaps; areas are those closed to the floor."""

    lines: tuple[str, ...]
    areas: tuple[str, ...]
    dots: tuple[Point, ...]
    width: float = WIDTH
    height: float = HEIGHT


def draw(values: Values, zero: bool = True) -> Drawing:
    """Scale the values into the box; a lone value between gaps becomes a dot."""
    known = [float(value) for value in values if formats.is_number(value) and value is not None]
    if not known:
        return Drawing((), (), ())
    low, high = (min(0.0, *known), max(0.0, *known)) if zero else (min(known), max(known))
    found = runs(values, low, high)
    long = [run for run in found if len(run) > 1]
    return Drawing(
        tuple(text(run) for run in long),
        tuple(text([(run[0][0], HEIGHT), *run, (run[-1][0], HEIGHT)]) for run in long),
        tuple(run[0] for run in found if len(run) == 1),
    )


def runs(values: Values, low: float, high: float) -> list[list[Point]]:
    """The points, cut where a value is missing."""
    step = WIDTH / max(1, len(values) - 1)
    span, room = (high - low) or 1.0, HEIGHT - 2 * MARGIN
    found: list[list[Point]] = [[]]
    for index, value in enumerate(values):
        if value is None or not formats.is_number(value):
            found.append([])
        else:
            y = MARGIN + room * (1 - (float(value) - low) / span)
            found[-1].append((round(index * step, 2), round(y, 2)))
    return [run for run in found if run]


def text(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def say(values: Values, label: str = "", unit: str = "") -> str:
    """The drawing in words, for those who do not see it."""
    known = [float(value) for value in values if formats.is_number(value) and value is not None]
    words = "no data"
    if known:
        low, high, last = (formats.quantity(value, unit) for value in (min(known), max(known), known[-1]))
        words = f"between {low} and {high}, last {last}"
    return f"{label}: {words}" if label else words
