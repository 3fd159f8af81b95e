"""From readings to stored, evaluated sweeps: a batch in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from monitoring import layout, rules, selector
from monitoring.book import Book, Subject
from monitoring.engine import rates
from monitoring.engine.evaluate import Batch, InstanceNames, evaluate
from monitoring.layout import DURATION, UP, Growth, Layout
from monitoring.models import Poller
from monitoring.store import PART, Rows, previous, rollups, store
from monitoring.store.binary import stamp
from monitoring.store.previous import Raw
from probes.readings import SCALAR, Column, Readings

FUTURE = 300.0  # seconds a sweep may lie ahead of our clock
OLDEST = 26 * 3600.0  # agents keep 24 hours
STALE = 600.0  # older sweeps are stored but raise no alert any more
ERROR_LENGTH = 500


@dataclass(slots=True)
class SweepInput:
    """One run of a check: `at` is when it was read, in seconds since 1970."""

    check_id: int
    at: float
    readings: Readings


@dataclass(slots=True)
class Report:
    """What became of a batch. `refused` holds (index in the batch, reason)."""

    accepted: int = 0
    duplicates: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    refused_series: int = 0
    rebooted: set[int] = field(default_factory=set)


@dataclass(slots=True)
class CheckFacts:
    """What ingest must know of a check."""

    device_id: int
    slots: int
    last_run: float
    poller: str
    facts: selector.Subject


LOCK = """
SELECT c.id, c.device_id, c.slots, coalesce(extract(epoch FROM c.last_run), 0)::float8, c.poller, c.kind,
    d.role_id, d.site_id, p.key, d.status,
    ARRAY(SELECT t.name FROM inventory_device_tags dt JOIN core_tag t ON t.id = dt.tag_id
          WHERE dt.device_id = d.id)
FROM monitoring_check c
JOIN inventory_device d ON d.id = c.device_id
LEFT JOIN inventory_platform p ON p.id = d.platform_id
WHERE c.id = ANY(%s)
ORDER BY c.id
FOR NO KEY UPDATE OF c
"""

DONE = """
UPDATE monitoring_check c
SET last_run = n.at, status = n.status, last_error = n.error, slots = n.slots, lease_until = NULL
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::int[])
    AS n(id, at, status, error, slots)
WHERE c.id = n.id
"""


def lock(check_ids: Sequence[int]) -> dict[int, CheckFacts]:
    """Lock these checks (in one order for all) until the transaction ends, and read what selectors need."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(set(check_ids))])
        return {row[0]: CheckFacts(*row[1:5], facts=_facts(*row[5:])) for row in cursor.fetchall()}


def _facts(
    kind: str, role: int | None, site: int | None, platform: str | None, status: str, tags: list[str]
) -> selector.Subject:
    return selector.Subject(role, site, platform or "", frozenset(tags), status, kind)


def ingest(batch: Sequence[SweepInput], now: float | None = None) -> Report:
    """Store and evaluate a batch; several sweeps of one check are taken in order of time.

    Sweeps from the future, of unknown checks, too old or already there are refused and counted; the others
    are written, all or none.
    """
    try:
        with transaction.atomic():
            return Intake(batch, timezone.now().timestamp() if now is None else now).run()
    except BaseException:
        layout.forget(sweep.check_id for sweep in batch)
        raise


class Intake:
    """One batch on its way."""

    def __init__(self, batch: Sequence[SweepInput], now: float) -> None:
        self.batch = batch
        self.now = now
        self.report = Report()
        self.rows = Rows()
        self.growth = Growth()
        self.late: set[tuple[int, float]] = set()

    def run(self) -> Report:
        ids = [sweep.check_id for sweep in self.batch]
        self.checks = lock(ids)
        accepted = self._accept()
        if accepted:
            self.layouts = layout.obtain({check_id: self.checks[check_id].slots for check_id in accepted})
            self.raws = previous.load(list(accepted))
            self.changed: dict[int, Raw] = {}
            self.rules = rules.load()
            self.book = Book(list(accepted))
            for round_number in range(max(map(len, accepted.values()))):
                self._round([s[round_number] for s in accepted.values() if len(s) > round_number])
            self._write({check_id: sweeps[-1] for check_id, sweeps in accepted.items()})
        self._count()
        return self.report

    # which sweeps are good

    def _accept(self) -> dict[int, list[SweepInput]]:
        """By check, in order of time; the rest is refused with a reason."""
        there = self._already_there()
        good: dict[int, list[SweepInput]] = defaultdict(list)
        for index, sweep in enumerate(self.batch):
            if reason := self._objection(sweep):
                self.report.refused.append((index, reason))
                continue
            sweep.at = stamp(sweep.at)
            if (sweep.check_id, sweep.at) in there:
                self.report.duplicates += 1
            else:
                there.add((sweep.check_id, sweep.at))
                good[sweep.check_id].append(sweep)
                self.report.accepted += 1
        for sweeps in good.values():
            sweeps.sort(key=lambda sweep: sweep.at)
        return good

    def _objection(self, sweep: SweepInput) -> str:
        if sweep.check_id not in self.checks:
            return "the check is gone"
        if not sweep.at <= self.now + FUTURE:  # NaN as well
            return "from the future"
        return "too old" if sweep.at < self.now - OLDEST else ""

    def _already_there(self) -> set[tuple[int, float]]:
        """Which of the sweeps that are no newer than their check's last run are stored."""
        old = [
            (sweep.check_id, stamp(sweep.at))
            for sweep in self.batch
            if sweep.check_id in self.checks
            and sweep.at <= self.checks[sweep.check_id].last_run
            and sweep.at > self.now - OLDEST
        ]
        if not old:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.check_id, extract(epoch FROM s.at)::float8 FROM monitoring_sweep s "
                "JOIN unnest(%s::bigint[], %s::timestamptz[]) AS n(check_id, at) USING (check_id, at) "
                "WHERE s.part = 0 AND s.at BETWEEN %s AND %s",
                [
                    [check_id for check_id, _ in old],
                    times := [datetime.fromtimestamp(at, UTC) for _, at in old],
                    min(times),
                    max(times),
                ],
            )
            return {(check_id, stamp(at)) for check_id, at in cursor.fetchall()}

    # one sweep a check: flat arrays

    def _round(self, sweeps: list[SweepInput]) -> None:
        placed = [self._place(sweep) for sweep in sweeps]
        layouts = [self.layouts[sweep.check_id] for sweep in sweeps]
        sizes = np.array([one.size for one in layouts])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        kinds = np.concatenate([one.kinds for one in layouts])
        flat = Flat(sweeps, sizes, starts, kinds)
        for number, (sweep, columns) in enumerate(zip(sweeps, placed, strict=True)):
            flat.fill(number, sweep, columns)
            flat.recall(number, self.raws.get(sweep.check_id))
        flat.finish()
        self._evaluate(flat, layouts)
        self._collect(flat)

    def _place(self, sweep: SweepInput) -> list[tuple[np.ndarray, Column]]:
        """Positions of each column's values; new instances get a place."""
        one = self.layouts[sweep.check_id]
        if not one.size:
            self.growth.add(sweep.check_id, one, "check.up", list(SCALAR))
            self.growth.add(sweep.check_id, one, "check.duration", list(SCALAR))
        placed = []
        for column in sweep.readings.columns:
            positions, missing = one.match(column)
            if missing:
                self.growth.add(sweep.check_id, one, column.metric, missing)
                positions, _ = one.match(column)
            placed.append((positions, column))
        return placed

    def _collect(self, flat: "Flat") -> None:
        """Rows for the store, and the raw readings that the next rates start from."""
        for number, sweep in enumerate(flat.sweeps):
            values = flat.values[flat.part(number)]
            newest = sweep.at > self.checks[sweep.check_id].last_run
            self._rows(sweep, values)
            if not newest:
                self.late.add((sweep.check_id, sweep.at))
            elif sweep.readings.columns:
                raw = Raw(sweep.at, flat.uptime[number], flat.kept[flat.part(number)])
                self.raws[sweep.check_id] = self.changed[sweep.check_id] = raw
                if flat.restarted[number]:
                    self.report.rebooted.add(sweep.check_id)

    def _rows(self, sweep: SweepInput, values: np.ndarray) -> None:
        if not sweep.readings.columns:
            self.rows.add(sweep.check_id, 0, sweep.at, values[: DURATION + 1])
            return
        for part, start in enumerate(range(0, len(values), PART)):
            piece = values[start : start + PART]
            if not part or not np.isnan(piece).all():
                self.rows.add(sweep.check_id, part, sweep.at, piece)

    # alerts

    def _evaluate(self, flat: "Flat", layouts: list[Layout]) -> None:
        metric = np.concatenate([one.numbers for one in layouts])
        current = flat.at > np.maximum(
            self.now - STALE, [self.checks[sweep.check_id].last_run for sweep in flat.sweeps]
        )
        metric[~current[flat.check]] = -1
        batch = Batch(
            at=flat.at,
            healthy=flat.values[flat.starts + UP] == 1,
            values=flat.values,
            last=flat.last,
            metric=metric,
            check=flat.check,
            instances=InstanceNames(flat.starts, [one.instances for one in layouts]),
            applies=self.rules.applies([self.checks[sweep.check_id].facts for sweep in flat.sweeps]),
        )
        states, recent = self._states(flat, layouts)
        for step in evaluate(batch, list(self.rules.conditions), states, recent):
            number = int(flat.check[step.position])
            position = step.position - int(flat.starts[number])
            sweep, one = flat.sweeps[number], layouts[number]
            subject = Subject(
                sweep.check_id,
                self.checks[sweep.check_id].device_id,
                one.metrics[position],
                one.instances[position],
                sweep.readings.error,
            )
            self.book.apply(step, self.rules.row(step.rule), subject)

    def _states(self, flat: "Flat", layouts: list[Layout]) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """Open and recent alerts by (rule, position in the flat arrays)."""
        numbers = {sweep.check_id: number for number, sweep in enumerate(flat.sweeps)}
        states, recent = {}, {}
        for found, target in ((self.book.entries, states), (self.book.recent, recent)):
            for (rule, check_id, metric, instance), entry in found.items():
                number = numbers.get(check_id)
                if number is None:
                    continue
                position = layouts[number].position(metric, instance)
                if position is not None:
                    target[rule, position + int(flat.starts[number])] = getattr(entry, "state", entry)
        return states, recent

    # writing

    def _write(self, newest: dict[int, SweepInput]) -> None:
        self.growth.save()
        store.write(self.rows)
        previous.save(self.changed)
        rollups.note_late(self.late)
        self.book.save()
        done = [
            (
                check_id,
                datetime.fromtimestamp(max(sweep.at, self.checks[check_id].last_run), UTC),
                "failed" if sweep.readings.error else "ok",
                layout.clean(sweep.readings.error[:ERROR_LENGTH]) if sweep.readings.error else "",
                self.layouts[check_id].size,
            )
            for check_id, sweep in newest.items()
        ]
        with connection.cursor() as cursor:
            cursor.execute(DONE, [list(column) for column in zip(*done, strict=True)])

    def _count(self) -> None:
        self.report.refused_series = self.growth.refused
        sweeps = len(self.report.refused) + self.report.duplicates
        if sweeps or self.report.refused_series:
            names = {self.checks[s.check_id].poller for s in self.batch if s.check_id in self.checks}
            poller, _ = Poller.objects.get_or_create(name=min(names, default="default"))
            Poller.objects.filter(pk=poller.pk).update(
                refused_sweeps=F("refused_sweeps") + sweeps,
                refused_series=F("refused_series") + self.report.refused_series,
            )


class Flat:
    """One sweep of each of some checks, laid end to end; `number` counts the sweeps, arrays are flat."""

    def __init__(self, sweeps: list[SweepInput], sizes: Any, starts: Any, kinds: Any) -> None:
        total, count = int(sizes.sum()), len(sweeps)
        self.sweeps, self.starts, self.kinds = sweeps, starts, kinds
        self.sizes = sizes
        self.check = np.repeat(np.arange(count, dtype=np.int32), sizes)
        self.at = np.array([sweep.at for sweep in sweeps])
        self.uptime = np.array([_number(sweep.readings.uptime) for sweep in sweeps])
        self.values = np.full(total, np.nan)
        self.raw = np.full(total, rates.NOTHING, np.uint64)
        self.before = np.full(total, rates.NOTHING, np.uint64)
        self.last_at = np.full(count, np.nan)
        self.last_uptime = np.full(count, np.nan)

    def part(self, number: int) -> slice:
        start = int(self.starts[number])
        return slice(start, start + int(self.sizes[number]))

    def fill(self, number: int, sweep: SweepInput, columns: list[tuple[np.ndarray, Column]]) -> None:
        values, raw = self.values[self.part(number)], self.raw[self.part(number)]
        kinds = self.kinds[self.part(number)]
        values[UP] = 0.0 if sweep.readings.error else 1.0
        values[DURATION] = sweep.readings.duration
        for positions, column in columns:
            readings = column.values
            if positions.size and positions.min() < 0:  # over the check's limit
                keep = np.flatnonzero(positions >= 0)
                positions, readings = positions[keep], [readings[index] for index in keep.tolist()]
            if not positions.size:
                continue
            if column.kind:  # an agent without 64-bit counters
                kinds[positions] = rates.KIND_CODES.get(column.kind, rates.COUNTER64)
            if rates.COUNTER32 <= kinds[positions[0]] <= rates.COUNTER64:
                raw[positions] = counters(readings)
            else:
                values[positions] = gauges(readings)

    def recall(self, number: int, raw: Raw | None) -> None:
        if raw is not None:
            before = self.before[self.part(number)]
            size = min(len(before), len(raw.values))
            before[:size] = raw.values[:size]
            self.last_at[number], self.last_uptime[number] = raw.at, raw.uptime

    def finish(self) -> None:
        """Rates into `values`, last known values into `last`, what to keep for next time into `kept`."""
        counter = (self.kinds == rates.COUNTER32) | (self.kinds == rates.COUNTER64)
        self.restarted = rates.rebooted(self.at, self.uptime, self.last_at, self.last_uptime)
        seconds = np.nan_to_num(self.at - self.last_at, nan=-1.0)
        rate = rates.rates(self.kinds, self.raw, self.before, seconds[self.check], self.restarted[self.check])
        known = ~counter & ~np.isnan(self.values)
        self.values = np.where(counter, rate, self.values)
        self.last = np.where(counter, np.nan, self.before.view(np.float64))
        self.kept = np.where(counter, self.raw, self.before)
        self.kept[known] = self.values.view(np.uint64)[known]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def gauges(values: Sequence[float | int | None]) -> np.ndarray:
    """As float64; None, infinity and what is no number become NaN."""
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        found = np.array([_float(value) for value in values])
    if not np.isfinite(found).all():
        found[~np.isfinite(found)] = np.nan
    return found


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def counters(values: Sequence[float | int | None]) -> np.ndarray:
    """As uint64, exact; None and what cannot be a counter become NOTHING."""
    try:
        if type(values[0]) is int:
            return np.array(values, dtype=np.uint64)
    except (TypeError, ValueError, OverflowError):
        pass
    return np.array([_counter(value) for value in values], dtype=np.uint64)


def _counter(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64
    return value if valid else int(rates.NOTHING)
