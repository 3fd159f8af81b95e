"""The last hour of many series at once, for small lines beside names: one query, whatever their number."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from django.db import connection
from django.utils import timezone

from monitoring.models import Series

HOUR = timedelta(hours=1)
POINTS = 30

READINGS = """
SELECT w.id, extract(epoch FROM s.at)::float8, s."values"[w.slot + 1]
FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::int[]) AS w (id, check_id, part, slot)
JOIN monitoring_sweep s ON s.check_id = w.check_id AND s.part = w.part AND s.at >= %s
ORDER BY 2
"""


def sparks(series: Sequence[Series], span: timedelta = HOUR) -> dict[int, list[float | None]]:
    """POINTS means over the span by series id, None where nothing was read."""
    if not series:
        return {}
    end = timezone.now()
    places = list(zip(*((one.pk, one.source_id, one.part, one.slot) for one in series), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(READINGS, [*(list(column) for column in places), end - span])
        rows = cursor.fetchall()
    found: dict[int, list[tuple[float, float]]] = {}
    for pk, at, value in rows:
        if value is not None and value == value:
            found.setdefault(pk, []).append((at, value))
    start = (end - span).timestamp()
    return {pk: evened(readings, start, span.total_seconds()) for pk, readings in found.items()}


def evened(readings: Sequence[tuple[float, float]], start: float, seconds: float) -> list[float | None]:
    """Means of POINTS even stretches; a stretch shorter than the readings' distance takes the one before."""
    table = np.array(readings, dtype=np.float64)
    bucket = np.clip(((table[:, 0] - start) / seconds * POINTS).astype(int), 0, POINTS - 1)
    count = np.bincount(bucket, minlength=POINTS)
    total = np.bincount(bucket, weights=table[:, 1], minlength=POINTS)
    reach = max(1, round(float(np.median(np.diff(table[:, 0]))) * POINTS / seconds)) if len(table) > 1 else 1
    values: list[float | None] = []
    for index in range(POINTS):
        near = next(
            (index - back for back in range(reach + 1) if index >= back and count[index - back]), None
        )
        values.append(None if near is None else float(total[near] / count[near]))
    return values


def added(lines: Sequence[Sequence[float | None]]) -> list[float | None]:
    """The sum of several lines; None only where none of them has a value."""
    return [
        None if all(value is None for value in values) else sum(value or 0 for value in values)
        for values in zip(*lines, strict=True)
    ]
