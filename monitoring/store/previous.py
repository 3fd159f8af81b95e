"""Raw readings of the last sweep: rates start from them, and so does "was good before"."""

import io
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from monitoring.store import binary
from monitoring.store.base import PART

TEMPORARY = """
CREATE TEMPORARY TABLE IF NOT EXISTS monitoring_previous_new
    (check_id bigint, at float8, uptime float8, part smallint, raw bytea) ON COMMIT DELETE ROWS
"""
COPY = "COPY monitoring_previous_new (check_id, part, at, uptime, raw) FROM STDIN (FORMAT binary)"
UPSERT = """
INSERT INTO monitoring_previous AS p (check_id, at, uptime, part, raw)
SELECT check_id, at, uptime, part, raw FROM monitoring_previous_new ORDER BY check_id, part
ON CONFLICT (check_id, part) DO UPDATE SET at = EXCLUDED.at, uptime = EXCLUDED.uptime, raw = EXCLUDED.raw
WHERE p.at < EXCLUDED.at OR p.at > extract(epoch FROM now()) + 300
"""


@dataclass(slots=True)
class Raw:
    """Readings of one check as uint64 by slot (float64 bits where not a counter), all parts in a row.

    `at` and `uptime` are in seconds; uptime is NaN where unknown.
    """

    at: float
    uptime: float
    values: NDArray[np.uint64]


def load(check_ids: list[int]) -> dict[int, Raw]:
    """The last readings of these checks; the time is that of the first part."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT check_id, at, uptime, raw FROM monitoring_previous WHERE check_id = ANY(%s) "
            "ORDER BY check_id, part",
            [check_ids],
        )
        parts: dict[int, list[tuple[float, float, bytes]]] = {}
        for check_id, at, uptime, raw in cursor.fetchall():
            parts.setdefault(check_id, []).append((at, uptime, raw))
    return {
        check_id: Raw(rows[0][0], rows[0][1], np.concatenate([np.frombuffer(raw, "<u8") for *_, raw in rows]))
        for check_id, rows in parts.items()
    }


def save(found: dict[int, Raw]) -> None:
    """Keep these as the last readings. In the caller's transaction."""
    if not found:
        return
    groups: dict[int, list[tuple[int, int, Raw, NDArray[np.uint64]]]] = {}
    for check_id, raw in found.items():
        for part, start in enumerate(range(0, len(raw.values), PART)):
            piece = raw.values[start : start + PART]
            groups.setdefault(len(piece), []).append((check_id, part, raw, piece))
    buffer = b"".join([binary.HEADER, *map(_encode, groups.values()), binary.TRAILER])
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY)
        cursor.copy_expert(COPY, io.BytesIO(buffer))
        cursor.execute(UPSERT)
        cursor.execute("TRUNCATE monitoring_previous_new")


def _encode(rows: list[tuple[int, int, Raw, NDArray[np.uint64]]]) -> bytes:
    check_ids, parts, raws, pieces = zip(*rows, strict=True)
    return binary.previous(
        check_ids, parts, [raw.at for raw in raws], [raw.uptime for raw in raws], np.stack(pieces)
    )
