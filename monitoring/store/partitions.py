"""Day and month partitions: made ahead, dropped when their time is over."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

log = logging.getLogger(__name__)
AHEAD = 3  # partitions made in advance
LOCK = 4_170_233  # advisory lock: one process makes partitions at a time


@dataclass(frozen=True, slots=True)
class Table:
    """A partitioned table, the column it is split by, and whether a partition is a day or a month."""

    name: str
    column: str
    monthly: bool = False

    def first(self, day: date) -> date:
        return day.replace(day=1) if self.monthly else day

    def after(self, first: date) -> date:
        return (first + timedelta(days=32)).replace(day=1) if self.monthly else first + timedelta(days=1)

    def partition(self, first: date) -> str:
        return f"{self.name}_{first:%Y%m}" if self.monthly else f"{self.name}_{first:%Y%m%d}"


SWEEP = Table("monitoring_sweep", "at")
ROLLUP5M = Table("monitoring_rollup5m", "hour")
ROLLUP1H = Table("monitoring_rollup1h", "day", monthly=True)
TABLES = (SWEEP, ROLLUP5M, ROLLUP1H)
_known: set[str] = set()


def retention() -> dict[str, int]:
    """Days that each table keeps, by setting MONITORING_RETENTION_DAYS."""
    days: dict[str, int] = getattr(settings, "MONITORING_RETENTION_DAYS", {})
    return {
        SWEEP.name: days.get("raw", 7),
        ROLLUP5M.name: days.get("5m", 60),
        ROLLUP1H.name: days.get("1h", 1100),
    }


def day_of(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def ensure(table: Table, days: Iterable[date]) -> None:
    """Make the partitions that hold these days; what is known to be there costs nothing."""
    for first in sorted({table.first(day) for day in days}):
        name = table.partition(first)
        if name in _known:
            continue
        _make(table, first, name)
        if not connection.in_atomic_block:
            _known.add(name)


def _make(table: Table, first: date, name: str) -> None:
    """Beside the parent, then ATTACH: that lock lets readers and writers of other partitions go on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0]:
            return
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(f'CREATE TABLE IF NOT EXISTS "{name}" (LIKE {table.name} INCLUDING ALL)')
        cursor.execute("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(%s)", [name])
        if cursor.fetchone():
            return
        cursor.execute(
            f'ALTER TABLE {table.name} ATTACH PARTITION "{name}" FOR VALUES FROM (%s) TO (%s)',
            [_midnight(first), _midnight(table.after(first))],
        )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def ensure_ahead(today: date | None = None) -> None:
    """Today's partitions, yesterday's, and AHEAD more of each table."""
    today = today or datetime.now(UTC).date()
    for table in TABLES:
        days = [today - timedelta(days=1), today]
        for _ in range(AHEAD):
            days.append(table.after(table.first(days[-1])))
        ensure(table, days)


def existing(table: Table) -> list[str]:
    """Names of the partitions, oldest first: also of those that a killed process left detached."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s ORDER BY 1",
            [f"^{table.name}_[0-9]+$"],
        )
        return [name for (name,) in cursor.fetchall()]


def drop_old(today: date | None = None) -> list[str]:
    """Detach without stopping writers, then drop, what retention no longer covers. Not in a transaction."""
    today = today or datetime.now(UTC).date()
    dropped = []
    for table in TABLES:
        oldest = table.partition(table.first(today - timedelta(days=retention()[table.name])))
        for name in existing(table):
            if name < oldest:
                _drop(table, name)
                dropped.append(name)
    return dropped


def _drop(table: Table, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(%s)", [name])
        if attached := cursor.fetchone():
            how = "FINALIZE" if attached[0] else "CONCURRENTLY"
            cursor.execute(f'ALTER TABLE {table.name} DETACH PARTITION "{name}" {how}')
        cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
    _known.discard(name)
    log.info("dropped %s", name)
