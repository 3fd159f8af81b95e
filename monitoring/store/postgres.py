"""Sweeps in PostgreSQL: one row a part of a sweep, written by COPY, in partitions of a day."""

import io
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from django.db import connection, transaction

from monitoring.engine import rollup
from monitoring.engine.rollup import Buckets
from monitoring.store import binary, partitions
from monitoring.store.base import POINTS, Current, Points, Rows

MINUTES5, HOUR, DAY = 300, 3600, 86400
STEPS = (
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    21600,
    43200,
    86400,
    7 * 86400,
    30 * 86400,
)

COPY_SWEEPS = 'COPY monitoring_sweep (check_id, part, at, "values") FROM STDIN (FORMAT binary)'
# The values are already in the server: the newest sweeps are copied over from there, not sent again. What
# lies in the future is from before the clock was set back.
UPSERT_LATEST = """
INSERT INTO monitoring_latest AS l (check_id, part, at, "values")
SELECT n.check_id, n.part, n.at, s."values"
FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) AS n(check_id, part, at)
CROSS JOIN LATERAL (
    SELECT "values" FROM monitoring_sweep s
    WHERE s.check_id = n.check_id AND s.part = n.part AND s.at = n.at
      AND s.at BETWEEN %s AND %s
    LIMIT 1
) s
ON CONFLICT (check_id, part) DO UPDATE SET at = EXCLUDED.at, "values" = EXCLUDED."values"
WHERE l.at < EXCLUDED.at OR l.at > now() + interval '5 minutes'
"""


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class PostgresStore:
    """The default store; see monitoring.store.base.Store."""

    def write(self, rows: Rows) -> None:
        if not len(rows):
            return
        partitions.ensure(partitions.SWEEP, {partitions.day_of(at) for at in set(rows.at)})
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.copy_expert(COPY_SWEEPS, io.BytesIO(encode(rows)))
            newest = _newest(rows)
            at = [moment(row[2]) for row in newest]
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                UPSERT_LATEST,
                [[row[0] for row in newest], [row[1] for row in newest], at, min(at), max(at)],
            )
            cursor.execute("SET LOCAL enable_seqscan = on")

    def read(
        self, check_id: int, part: int, slots: Sequence[int], start: float, end: float, step: float = 0
    ) -> Points:
        wanted = step or (end - start) / POINTS
        if not step and end - start <= POINTS * 60:
            t, values = raw(check_id, part, slots, start, end)
            if 0 < t.size <= POINTS:
                return Points(t, values, values, values, 0)
        width = step_of(wanted if step else max(wanted, MINUTES5))
        return _stepped(check_id, part, slots, start, end, width)

    def latest(self, check_ids: Iterable[int]) -> dict[tuple[int, int], Current]:
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT check_id, part, extract(epoch FROM at)::float8, "values" '
                "FROM monitoring_latest WHERE check_id = ANY(%s)",
                [list(check_ids)],
            )
            return {
                (check_id, part): Current(at, np.array(values, dtype=np.float64))
                for check_id, part, at, values in cursor.fetchall()
            }


def step_of(seconds: float) -> int:
    """The finest even step that is not finer than `seconds`."""
    return next((size for size in STEPS if size >= seconds), STEPS[-1])


def encode(rows: Rows) -> bytes:
    """The COPY stream of these rows: grouped by length, for rows of one length are one numpy array."""
    groups: dict[int, list[int]] = defaultdict(list)
    for index, values in enumerate(rows.values):
        groups[len(values)].append(index)
    check_ids = np.array(rows.check_ids, dtype=np.int64)
    parts = np.array(rows.parts, dtype=np.int16)
    at = binary.microseconds(rows.at)
    pieces = [binary.HEADER]
    for indexes in groups.values():
        stacked = np.stack([rows.values[index] for index in indexes])
        pieces.append(binary.sweeps(check_ids[indexes], parts[indexes], at[indexes], stacked))
    return b"".join([*pieces, binary.TRAILER])


def _newest(rows: Rows) -> list[tuple[int, int, float]]:
    """(check, part, at) of the newest row of each part, in the order in which every writer locks them."""
    newest: dict[tuple[int, int], float] = {}
    for check_id, part, at in zip(rows.check_ids, rows.parts, rows.at, strict=True):
        if at > newest.get((check_id, part), -math.inf):
            newest[check_id, part] = at
    return [(check_id, part, at) for (check_id, part), at in sorted(newest.items())]


def raw(
    check_id: int, part: int, slots: Sequence[int], start: float, end: float
) -> tuple[rollup.Floats, rollup.Floats]:
    """Readings as t[n] and values [slots][n]."""
    columns = ", ".join('"values"[%s]' for _ in slots)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT extract(epoch FROM at)::float8, {columns} FROM monitoring_sweep "
            "WHERE check_id = %s AND part = %s AND at >= %s AND at < %s ORDER BY at",
            [*(slot + 1 for slot in slots), check_id, part, moment(start), moment(end)],
        )
        table = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, len(slots) + 1).T
    return table[0], table[1:]


def _rolled(
    table: partitions.Table,
    buckets: int,
    key: tuple[int, int],
    slots: Sequence[int],
    start: float,
    end: float,
) -> tuple[rollup.Floats, Buckets]:
    """Roll-ups between start and end as bucket times t[n] and Buckets [slots][n]."""
    names = ("count", "min", "mean", "max")
    columns = ", ".join(f"{name}[%s:%s]" for name in names for _ in slots)
    numbers = [number for _ in names for slot in slots for number in (slot + 1, slot + 1)]
    span = buckets * (MINUTES5 if buckets == 12 else HOUR)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT extract(epoch FROM {table.column})::float8, {columns} FROM {table.name} "
            f"WHERE check_id = %s AND part = %s AND {table.column} >= %s AND {table.column} < %s "
            f"ORDER BY {table.column}",
            [*numbers, *key, moment(start - start % span), moment(end)],
        )
        rows = cursor.fetchall()
    return _unfold(rows, len(slots), buckets, span // buckets, start, end)


def _unfold(
    rows: list[tuple[object, ...]], lines: int, buckets: int, width: int, start: float, end: float
) -> tuple[rollup.Floats, Buckets]:
    t = np.array([at + width * i for at, *_ in rows for i in range(buckets)], dtype=np.float64)
    tables = np.full((4, lines, len(rows) * buckets), np.nan)
    tables[0] = 0
    for number, (_, *cells) in enumerate(rows):
        for index, cell in enumerate(cells):
            if cell:  # a slot that was given later has none
                place = slice(number * buckets, (number + 1) * buckets)
                tables[index // lines, index % lines, place] = cell[0]
    keep = (t >= start - start % width) & (t < end)
    return t[keep], Buckets(*tables[:, :, keep])


def rolled_until(name: str) -> float:
    """Everything before this time (seconds since 1970) is in the roll-ups `name`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM until)::float8 FROM monitoring_rolled WHERE name = %s", [name]
        )
        row = cursor.fetchone()
    return row[0] if row else 0.0


def _stepped(check_id: int, part: int, slots: Sequence[int], start: float, end: float, width: int) -> Points:
    """Old stretches from the roll-ups, the newest from raw readings, all brought to one step."""
    start -= start % width
    until5 = rolled_until("5m") if width >= MINUTES5 else 0.0
    until1 = min(rolled_until("1h"), until5) if width >= HOUR else 0.0
    key = (check_id, part)
    first, second = min(max(start, until1), end), min(max(start, until5), end)
    pieces = []
    if start < first:
        pieces.append(_rolled(partitions.ROLLUP1H, 24, key, slots, start, first))
    if first < second:
        pieces.append(_rolled(partitions.ROLLUP5M, 12, key, slots, first, second))
    if second < end:
        t, values = raw(check_id, part, slots, second, end)
        pieces.append((t, rollup.of_readings(values)))
    return _points(pieces, start, end, width, len(slots))


def _points(
    pieces: list[tuple[rollup.Floats, Buckets]], start: float, end: float, width: int, lines: int
) -> Points:
    size = max(0, math.ceil((end - start) / width))
    if not pieces:
        empty = np.full((lines, size), np.nan)
        return Points(start + width * np.arange(size), empty, empty, empty, width)
    t = np.concatenate([piece[0] for piece in pieces])
    merged = rollup.merge(
        ((t - start) // width).astype(np.int64), size, rollup.join([piece[1] for piece in pieces])
    )
    return Points(start + width * np.arange(size), merged.mean, merged.min, merged.max, width)
