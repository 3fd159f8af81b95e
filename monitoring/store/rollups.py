"""Making roll-ups: finished hours from sweeps, finished days from hours. Doing it twice changes nothing."""

import contextlib
import io
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from django.db import InterfaceError, OperationalError, connection, transaction

from monitoring.engine import rollup
from monitoring.engine.rollup import Buckets
from monitoring.store import binary, partitions
from monitoring.store.postgres import DAY, HOUR, MINUTES5, moment, rolled_until

log = logging.getLogger(__name__)
CHECKS = 32  # checks rolled up in one go: some 50 MB with full devices
GRACE = 60  # seconds after an hour's end before it counts as finished
LOCK = 4_170_241  # advisory lock: one process rolls up at a time
COLUMNS = "count, min, mean, max"


def roll_up(now: float) -> int:
    """Roll up every finished hour and day, and the hours that got late sweeps; returns rows written.

    0 at once when another process is at it: it does what there is to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    try:
        return _roll_up(now)
    finally:
        _unlock()


def _unlock() -> None:
    """The lock belongs to the session: a connection that is broken has given it back already."""
    with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _roll_up(now: float) -> int:
    finished = (now - GRACE) // HOUR * HOUR
    retreat("5m", finished, HOUR)
    retreat("1h", finished // DAY * DAY, DAY)
    hour = max(rolled_until("5m"), _first_sweep() // HOUR * HOUR)
    written = 0
    while hour and hour < finished:
        written += hour_of(hour, None)
        advance("5m", hour + HOUR)
        hour += HOUR
    written += _late_hours(finished)
    return written + _days(finished)


def _first_sweep() -> float:
    with connection.cursor() as cursor:
        for name in partitions.existing(partitions.SWEEP):
            cursor.execute(f'SELECT extract(epoch FROM min(at))::float8 FROM "{name}"')
            if first := cursor.fetchone()[0]:
                return float(first)
    return 0.0


def advance(name: str, until: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO monitoring_rolled AS r (name, until) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET until = greatest(r.until, EXCLUDED.until)",
            [name, moment(until)],
        )


def retreat(name: str, finished: float, width: int) -> None:
    """What is rolled up beyond this was so before the clock was set back: it is done again in its time.

    So is the last stretch before, in which sweeps may have come since.
    """
    with connection.cursor() as cursor:
        values = [moment(finished - width), name, moment(finished)]
        cursor.execute("UPDATE monitoring_rolled SET until = %s WHERE name = %s AND until > %s", values)


def is_over(at: float, now: float) -> bool:
    """Whether the hour of `at` has ended: its roll-up may be made, or in the making."""
    return at // HOUR < now // HOUR


def note_late(pairs: set[tuple[int, float]]) -> None:
    """Remember (check, time) of sweeps that came after their hour: it is rolled up again."""
    late = sorted({(check_id, at // HOUR * HOUR) for check_id, at in pairs})
    if not late:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO monitoring_late (check_id, hour) "
            "SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) ON CONFLICT DO NOTHING",
            [[check_id for check_id, _ in late], [moment(hour) for _, hour in late]],
        )


def _late_hours(finished: float) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM hour)::float8, array_agg(check_id) FROM monitoring_late "
            "WHERE hour < %s GROUP BY hour",
            [moment(finished)],
        )
        hours = cursor.fetchall()
    written = 0
    for hour, check_ids in hours:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM monitoring_late WHERE hour = %s AND check_id = ANY(%s)",
                [moment(hour), check_ids],
            )
            written += hour_of(hour, check_ids)
            day = hour // DAY * DAY
            if day < rolled_until("1h"):
                written += day_of(day, check_ids)
    return written


def hour_of(hour: float, check_ids: Sequence[int] | None) -> int:
    """Write the 5-minute roll-ups of one hour (all checks, or these); returns rows written."""
    partitions.ensure(partitions.ROLLUP5M, [partitions.day_of(hour)])
    ids = _checks_with_sweeps(hour) if check_ids is None else sorted(check_ids)
    return sum(_hour_of_some(hour, ids[at : at + CHECKS]) for at in range(0, len(ids), CHECKS))


def _checks_with_sweeps(hour: float) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT check_id FROM monitoring_sweep WHERE at >= %s AND at < %s ORDER BY 1",
            [moment(hour), moment(hour + HOUR)],
        )
        return [check_id for (check_id,) in cursor.fetchall()]


def _hour_of_some(hour: float, ids: Sequence[int]) -> int:
    buffer = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(
            cursor.mogrify(
                'COPY (SELECT check_id, part, at, "values" FROM monitoring_sweep WHERE check_id = ANY(%s) '
                "AND at >= %s AND at < %s ORDER BY check_id, part, at) TO STDOUT (FORMAT binary)",
                [list(ids), moment(hour), moment(hour + HOUR)],
            ).decode(),
            buffer,
        )
        made = {key: _of_sweeps(hour, rows) for key, rows in _by_part(buffer.getvalue()).items()}
        replace(partitions.ROLLUP5M, hour, ids, made)
    return len(made)


def _by_part(data: bytes) -> dict[tuple[int, int], list[tuple[float, rollup.Floats]]]:
    parts = defaultdict(list)
    for check_id, part, at, values in binary.read_sweeps(data):
        parts[check_id, part].append((at, values))
    return parts


def _of_sweeps(hour: float, rows: list[tuple[float, rollup.Floats]]) -> Buckets:
    size = max(len(values) for _, values in rows)
    table = np.full((size, len(rows)), np.nan)
    for index, (_, values) in enumerate(rows):
        table[: len(values), index] = values
    bucket = np.array([(at - hour) // MINUTES5 for at, _ in rows], dtype=np.int64)
    return rollup.merge(bucket, 12, rollup.of_readings(table))


def replace(
    table: partitions.Table, at: float, ids: Sequence[int], made: dict[tuple[int, int], Buckets]
) -> None:
    """Put these roll-ups of one hour or day in the place of what the checks `ids` have there."""
    stamp = int(binary.microseconds([at])[0])
    rows = [binary.rollup(*key, stamp, one.count, one.min, one.mean, one.max) for key, one in made.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table.name} WHERE check_id = ANY(%s) AND {table.column} = %s",
            [list(ids), moment(at)],
        )
        cursor.copy_expert(
            f"COPY {table.name} (check_id, part, {table.column}, {COLUMNS}) FROM STDIN (FORMAT binary)",
            io.BytesIO(b"".join([binary.HEADER, *rows, binary.TRAILER])),
        )


def _days(finished: float) -> int:
    day = rolled_until("1h") or _first_hour() // DAY * DAY
    written = 0
    while day and day + DAY <= finished:
        written += day_of(day, None)
        advance("1h", day + DAY)
        day += DAY
    return written


def _first_hour() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM min(hour))::float8 FROM monitoring_rollup5m")
        return cursor.fetchone()[0] or 0.0


def day_of(day: float, check_ids: Sequence[int] | None) -> int:
    """Write the hourly roll-ups of one day out of its 5-minute ones; returns rows written."""
    partitions.ensure(partitions.ROLLUP1H, [partitions.day_of(day)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT check_id FROM monitoring_rollup5m WHERE hour >= %s AND hour < %s "
            "AND (%s::bigint[] IS NULL OR check_id = ANY(%s)) ORDER BY 1",
            [moment(day), moment(day) + timedelta(days=1), check_ids, check_ids],
        )
        ids = [check_id for (check_id,) in cursor.fetchall()]
    return sum(_day_of_some(day, ids[at : at + CHECKS]) for at in range(0, len(ids), CHECKS))


def _day_of_some(day: float, ids: Sequence[int]) -> int:
    hours: dict[tuple[int, int], list[tuple[int, Buckets]]] = defaultdict(list)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT check_id, part, extract(epoch FROM hour)::float8, {COLUMNS} FROM monitoring_rollup5m "
            "WHERE check_id = ANY(%s) AND hour >= %s AND hour < %s ORDER BY hour",
            [list(ids), moment(day), moment(day + DAY)],
        )
        for check_id, part, hour, *tables in cursor.fetchall():
            piece = Buckets(*(np.array(table, dtype=np.float64) for table in tables))
            hours[check_id, part].append((int((hour - day) // HOUR), piece))
        replace(partitions.ROLLUP1H, day, ids, {key: _of_hours(found) for key, found in hours.items()})
    return len(hours)


def _of_hours(hours: list[tuple[int, Buckets]]) -> Buckets:
    lines = max(piece.count.shape[0] for _, piece in hours)
    joined = rollup.join([_padded(piece, lines) for _, piece in hours])
    bucket = np.repeat(np.array([number for number, _ in hours], dtype=np.int64), 12)
    return rollup.merge(bucket, 24, joined)


def _padded(piece: Buckets, lines: int) -> Buckets:
    missing = lines - piece.count.shape[0]
    if not missing:
        return piece
    pad = ((0, missing), (0, 0))
    rest = (np.pad(table, pad, constant_values=np.nan) for table in (piece.min, piece.mean, piece.max))
    return Buckets(np.pad(piece.count, pad), *rest)
