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
from monitoring.engine.evaluate import Batch, InstanceNames, evaluate
from monitoring.flat import Flat, SweepInput
from monitoring.layout import DURATION, UP, Growth, Layout
from monitoring.models import Poller
from monitoring.store import PART, Rows, previous, rollups, store
from monitoring.store.binary import stamp
from monitoring.store.previous import Raw
from probes.readings import SCALAR, Column

__all__ = ["Report", "SweepInput", "ingest", "lock"]

FUTURE = 300.0  # seconds a sweep may lie ahead of our clock
OLDEST = 26 * 3600.0  # agents keep 24 hours
STALE = 600.0  # older sweeps are stored but raise no alert any more
ERROR_LENGTH = 500
NAMED_BY = "if.up"  # whose instances are all interfaces of a device
SHAPE = ("if.count", "if.table.changed")


@dataclass(slots=True)
class Report:
    """What became of a batch. `refused` holds (index in the batch, reason).

    `rebooted` and `reshaped` are checks whose device started anew, or whose interfaces came, went or changed
    their names; `first` are those that had no readings before.
    """

    accepted: int = 0
    duplicates: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    refused_series: int = 0
    rebooted: set[int] = field(default_factory=set)
    reshaped: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)


@dataclass(slots=True)
class CheckFacts:
    """What ingest must know of a check. `watched`: it and its device are in service, so alerts may open."""

    device_id: int
    slots: int
    last_run: float
    poller: str
    watched: bool
    facts: selector.Subject


def _reshaped(known: Layout, before: np.ndarray, now: np.ndarray) -> bool:
    """Whether the interfaces are others than last time, by their number or by what the device says."""
    places = [place for metric in SHAPE if (place := known.position(metric, "")) is not None]
    return any(abs(before[place] - now[place]) > 0 for place in places)  # a NaN differs from nothing


LOCK = """
SELECT c.id, c.device_id, c.slots, coalesce(extract(epoch FROM c.last_run), 0)::float8, c.poller,
    c.enabled AND d.status IN ('active', 'maintenance'), c.kind, d.role_id, d.site_id, p.key, d.status,
    r.kind,
    ARRAY(SELECT t.name FROM inventory_device_tags dt JOIN core_tag t ON t.id = dt.tag_id
          WHERE dt.device_id = d.id)
FROM monitoring_check c
JOIN inventory_device d ON d.id = c.device_id
LEFT JOIN inventory_platform p ON p.id = d.platform_id
LEFT JOIN inventory_devicerole r ON r.id = d.role_id
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
        return {row[0]: CheckFacts(*row[1:6], facts=_facts(*row[6:])) for row in cursor.fetchall()}


def _facts(
    kind: str,
    role: int | None,
    site: int | None,
    platform: str | None,
    status: str,
    role_kind: str | None,
    tags: list[str],
) -> selector.Subject:
    return selector.Subject(role, site, platform or "", frozenset(tags), status, kind, role_kind or "")


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
        self._believe_the_clock()
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

    def _believe_the_clock(self) -> None:
        """A last run in the future is from before the clock was set back: what comes now is newer."""
        for check in self.checks.values():
            if check.last_run > self.now + FUTURE:
                check.last_run = 0.0

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
            and stamp(sweep.at) <= self.checks[sweep.check_id].last_run
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
                if column.metric == NAMED_BY and NAMED_BY in one.index:
                    self.report.reshaped.add(sweep.check_id)
                self.growth.add(sweep.check_id, one, column.metric, missing)
                positions, _ = one.match(column)
            placed.append((positions, column))
        return placed

    def _collect(self, flat: Flat) -> None:
        """Rows for the store, and the raw readings that the next rates start from."""
        for number, sweep in enumerate(flat.sweeps):
            part = flat.part(number)
            values = flat.values[part]
            newest = sweep.at > self.checks[sweep.check_id].last_run
            self._rows(sweep, values)
            if rollups.is_over(sweep.at, self.now):
                self.late.add((sweep.check_id, sweep.at))
            if newest and sweep.readings.columns:
                if sweep.check_id not in self.raws:
                    self.report.first.add(sweep.check_id)
                raw = Raw(sweep.at, flat.uptime[number], flat.kept[part])
                self.raws[sweep.check_id] = self.changed[sweep.check_id] = raw
                if flat.restarted[number]:
                    self.report.rebooted.add(sweep.check_id)
                if _reshaped(self.layouts[sweep.check_id], flat.last[part], flat.values[part]):
                    self.report.reshaped.add(sweep.check_id)

    def _rows(self, sweep: SweepInput, values: np.ndarray) -> None:
        if not sweep.readings.columns:
            self.rows.add(sweep.check_id, 0, sweep.at, values[: DURATION + 1])
            return
        for part, start in enumerate(range(0, len(values), PART)):
            piece = values[start : start + PART]
            if not part or not np.isnan(piece).all():
                self.rows.add(sweep.check_id, part, sweep.at, piece)

    # alerts

    def _evaluate(self, flat: Flat, layouts: list[Layout]) -> None:
        metric = np.concatenate([one.numbers for one in layouts])
        checks = [self.checks[sweep.check_id] for sweep in flat.sweeps]
        current = flat.at > np.maximum(self.now - STALE, [one.last_run for one in checks])
        current &= np.array([one.watched for one in checks])
        metric[~current[flat.check]] = -1
        batch = Batch(
            at=flat.at,
            healthy=flat.values[flat.starts + UP] == 1,
            values=flat.values,
            last=flat.last,
            metric=metric,
            check=flat.check,
            instances=InstanceNames(flat.starts, [one.instances for one in layouts]),
            applies=self.rules.applies([one.facts for one in checks]),
        )
        states, recent = self._states(flat, layouts, current)
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

    def _states(
        self, flat: Flat, layouts: list[Layout], current: np.ndarray
    ) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """Open and recent alerts by (rule, position in the flat arrays), of current sweeps alone."""
        numbers = {sweep.check_id: number for number, sweep in enumerate(flat.sweeps) if current[number]}
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
