"""Lines for charts and the API: several series over one range, in columns."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.models import Series
from monitoring.store import POINTS, Points, store
from monitoring.store.partitions import SWEEP, retention
from monitoring.store.postgres import MINUTES5, step_of
from monitoring.words import OCTETS, state_words
from probes.metrics import METRICS

GAP = 1.8  # intervals between two readings that are a hole
Place = tuple[int, int]  # check, part


@dataclass(frozen=True, slots=True)
class Range:
    """[start, end) in seconds since 1970; `step` is the finest worth having, 0 for as fine as fits."""

    start: float
    end: float
    step: float = 0.0

    def back(self, seconds: float) -> "Range":
        return Range(self.start - seconds, self.end - seconds, self.step)


def label(series: Series) -> str:
    """What a person calls the line."""
    metric = METRICS.get(series.metric)
    name = metric.label if metric else series.metric
    return f"{series.instance} {name}" if series.instance else name


def labels(series: Sequence[Series]) -> list[str]:
    """What tells the lines of one chart apart: what all of them share is left out."""
    if len(series) > 1 and len({one.instance for one in series}) == 1:
        return [METRICS[one.metric].label if one.metric in METRICS else one.metric for one in series]
    if len(series) > 1 and len({one.metric for one in series}) == 1:
        return [one.instance or label(one) for one in series]
    return [label(one) for one in series]


def chart(series: Sequence[Series], wanted: Range, now: float, compare: float = 0) -> dict[str, Any]:
    """Lines on one axis of time: {"start", "end", "step", "t", "series": […], "compare": […]}.

    A line is {id, label, unit, kind, bits, mean, min, max}, of a state also {words}: what its numbers mean;
    gaps are null, as wide as they were long.
    `compare` shifts a second reading of the range that many seconds back: {id, mean} at the times of the
    first. `series` come with their `source` (the check).
    """
    step = _step(series, wanted, now)
    points = _read(series, wanted, step)
    if not step and not points.step:
        points = _gaps_shown(points, _coarsest(series))
    answer = {
        "start": wanted.start,
        "end": wanted.end,
        "t": [round(at, 3) for at in points.t.tolist()],
        "step": points.step,
        "series": _lines(series, points),
    }
    if compare:
        even = step or _coarsest(series)
        points, before = _read(series, wanted, even), _read(series, wanted.back(compare), even)
        answer["t"], answer["step"] = points.t.tolist(), even
        answer["series"] = _lines(series, points)
        answer["compare"] = [
            {"id": one.pk, "mean": _list(before.mean[row][: len(points.t)])} for row, one in enumerate(series)
        ]
    return answer


def _coarsest(series: Sequence[Series]) -> int:
    return step_of(max((one.source.interval for one in series), default=60))


def _step(series: Sequence[Series], wanted: Range, now: float) -> int:
    """0 for the readings themselves: when they are few enough and all lie in the same rows."""
    seconds = max(wanted.step, (wanted.end - wanted.start) / POINTS)
    finest = _coarsest(series)
    if wanted.start < now - retention()[SWEEP.name] * 86400:
        finest = max(finest, MINUTES5)
    elif seconds <= finest and len({(one.source_id, one.part) for one in series}) == 1:
        return 0
    return step_of(max(seconds, finest))


def _read(series: Sequence[Series], wanted: Range, step: int) -> Points:
    """All lines on one axis of time; one query for all lines of a check's part."""
    places: dict[Place, list[int]] = defaultdict(list)
    for row, one in enumerate(series):
        places[one.source_id, one.part].append(row)
    found: dict[int, tuple[NDArray[np.float64], ...]] = {}
    axis, width = np.zeros(0), float(step)
    for (check_id, part), rows in places.items():
        slots = [series[row].slot for row in rows]
        points = store.read(check_id, part, slots, wanted.start, wanted.end, step)
        axis, width = points.t, points.step
        for line, row in enumerate(rows):
            found[row] = (points.mean[line], points.min[line], points.max[line])
    tables = [np.array([found[row][kind] for row in range(len(series))]) for kind in range(3)]
    return Points(axis, *tables, width)


def _gaps_shown(points: Points, interval: float) -> Points:
    """A point without values behind each reading that the next one follows too late."""
    holes = np.flatnonzero(np.diff(points.t) > GAP * interval) + 1
    if not holes.size:
        return points
    tables = [np.insert(table, holes, np.nan, axis=1) for table in (points.mean, points.min, points.max)]
    return Points(np.insert(points.t, holes, points.t[holes - 1] + interval), *tables, points.step)


def _lines(series: Sequence[Series], points: Points) -> list[dict[str, Any]]:
    named = zip(series, labels(series), strict=True)
    return [_line(one, name, points, row) for row, (one, name) in enumerate(named)]


def _line(series: Series, name: str, points: Points, row: int) -> dict[str, Any]:
    line = {
        "id": series.pk,
        "label": name,
        "unit": series.unit,
        "kind": series.kind,
        "bits": series.metric in OCTETS,
        "mean": _list(points.mean[row]),
    }
    if series.kind == "state" and (words := state_words(series.metric)):
        line["words"] = words
    if points.step:
        line["min"], line["max"] = _list(points.min[row]), _list(points.max[row])
    return line


def _list(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def current(series: Sequence[Series]) -> dict[int, tuple[float | None, float]]:
    """Newest value and its time by series; a value that the last sweep did not bring is None."""
    latest = store.latest({one.source_id for one in series})
    found: dict[int, tuple[float | None, float]] = {}
    for one in series:
        row, first = latest.get((one.source_id, one.part)), latest.get((one.source_id, 0))
        if row is None or first is None:
            continue
        fresh = row.at >= first.at and one.slot < len(row.values)
        value = float(row.values[one.slot]) if fresh else float("nan")
        found[one.pk] = (None if value != value else value, first.at)
    return found
