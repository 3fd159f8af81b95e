"""The month before: what the devices do now, drawn backwards along the same curves.

What is measured now anchors each line, so that past and present join. Roll-ups are written as the store
writes its own: hourly ones for the month, 5-minute ones for two days; readings for the last hours.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from itim.demo.curves import Curve
from monitoring.engine.rollup import Buckets
from monitoring.models import Check, Series
from monitoring.store import Rows, partitions, rollups, store

HOUR: Final = 3600.0
DAY: Final = 86400.0
DAYS: Final = 30
FINE_HOURS: Final = 48
RAW_HOURS: Final = 13
RAW_STEP: Final = 60.0
"""As often as the devices are polled: a wider step would be drawn as gaps."""
NOISE: Final = 12
"""What part of a bucket's spread the readings tremble by: the devices that live are about as calm."""
Floats = NDArray[np.float64]

# prefix of a metric: (shape of the curve, how far minimum and maximum of a bucket lie apart)
SHAPES: Final = (
    ("if.in.", "traffic", 0.22),
    ("if.out.", "traffic", 0.22),
    ("cpu.", "load", 0.30),
    ("memory.", "memory", 0.02),
    ("swap.", "memory", 0.02),
    ("temperature", "warmth", 0.03),
    ("power", "warmth", 0.05),
    ("load", "warmth", 0.05),
    ("current", "warmth", 0.05),
    ("voltage", "steady", 0.004),
    ("ping.rtt", "load", 0.40),
    ("check.duration", "load", 0.30),
)
GROWTH: Final = {"disk.usage": 0.0035, "disk.used": 0.0035}
"""Share of its present value by which a disk was emptier a day before."""
FAST_GROWTH: Final = 0.012
CEILINGS: Final = {"cpu.usage": 100.0, "cpu.core.usage": 100.0, "memory.usage": 100.0}


@dataclass(slots=True)
class Line:
    """One part of a check: what its slots are, what they are worth now, and what they never exceed."""

    check_id: int
    part: int
    names: list[tuple[str, str]]
    values: Floats
    ceilings: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.ceilings = np.array([[CEILINGS.get(metric, np.inf)] for metric, _ in self.names])

    def at(self, t: Floats, now: float, device: str) -> tuple[Floats, Floats]:
        """Values [slots][len(t)] at these times, and the spread of a bucket as a share, by slot."""
        table = np.empty((len(self.names), t.size))
        spread = np.empty((len(self.names), 1))
        for slot, (metric, instance) in enumerate(self.names):
            factor, spread[slot] = _factor(metric, f"{device} {instance}", t, now)
            table[slot] = self.values[slot] * factor
        return np.minimum(table, self.ceilings), spread


Lines = list[tuple[Line, str]]
HOURS: Final = HOUR * (np.arange(24) + 0.5)
MINUTES: Final = 300.0 * (np.arange(12) + 0.5)


def _factor(metric: str, seed: str, t: Floats, now: float) -> tuple[Floats, float]:
    if metric in GROWTH:
        daily = FAST_GROWTH if zlib.crc32(seed.encode()) % 4 == 0 else GROWTH[metric]
        return 1 - daily * (now - t) / DAY, 0.001
    for prefix, shape, spread in SHAPES:
        if metric.startswith(prefix) and metric != "if.speed":
            curve = Curve(shape, seed)
            return curve.at(t) / curve.now(now), spread
    return np.ones_like(t), 0.0


def write(checks: Iterable[Check], now: float) -> None:
    """The past of these checks up to `now` (seconds since 1970), from their newest values."""
    lines = [(line, check.device.name) for check in checks for line in _lines(check)]
    hour = now // HOUR * HOUR
    today = now // DAY * DAY
    _write(partitions.ROLLUP1H, today - DAY * np.arange(DAYS, 0, -1), HOURS, lines, now)
    _write(partitions.ROLLUP5M, hour - HOUR * np.arange(FINE_HOURS, 0, -1), MINUTES, lines, now)
    rollups.advance("1h", today)
    rollups.advance("5m", hour)
    _readings(lines, now)


def _lines(check: Check) -> list[Line]:
    names: dict[int, list[tuple[str, str]]] = {}
    rows = Series.objects.filter(source=check).order_by("part", "slot")
    for part, metric, instance in rows.values_list("part", "metric", "instance"):
        names.setdefault(part, []).append((metric, instance))
    current = store.latest([check.pk])
    return [
        Line(check.pk, part, found, _padded(current[check.pk, part].values, len(found)))
        for part, found in names.items()
        if (check.pk, part) in current
    ]


def _padded(values: Floats, size: int) -> Floats:
    return np.concatenate([values, np.full(size - len(values), np.nan)]) if len(values) < size else values


def _write(table: partitions.Table, starts: Floats, middles: Floats, lines: Lines, now: float) -> None:
    """Roll-ups of the periods that begin at `starts`; `middles` of a period's buckets, in seconds from there.

    A line is worked out over all periods at once: period by period took four times as long (15 s).
    """
    t = np.add.outer(starts, middles).ravel()
    whole = [(line, *line.at(t, now, device)) for line, device in lines]
    checks = sorted({line.check_id for line, _ in lines})
    for number, start in enumerate(starts):
        partitions.ensure(table, [partitions.day_of(start)])
        period = slice(number * middles.size, (number + 1) * middles.size)
        made = {
            (line.check_id, line.part): _buckets(line, mean[:, period], spread, middles[1] - middles[0])
            for line, mean, spread in whole
        }
        rollups.replace(table, start, checks, made)


def _buckets(line: Line, mean: Floats, spread: Floats, seconds: float) -> Buckets:
    count = np.where(np.isnan(mean), 0.0, seconds / RAW_STEP)
    return Buckets(count, mean * (1 - spread), mean, np.minimum(mean * (1 + spread), line.ceilings))


def _readings(lines: Lines, now: float) -> None:
    """Sweeps of the last hours, up to `now`; what is stored of `now` had nothing to tell rates from."""
    with connection.cursor() as cursor:
        sweeps = [list({line.check_id for line, _ in lines}), datetime.fromtimestamp(now, UTC)]
        cursor.execute("DELETE FROM monitoring_sweep WHERE check_id = ANY(%s) AND at = %s", sweeps)
    t = np.arange(now - RAW_HOURS * HOUR, now + 1, RAW_STEP)
    rng = np.random.default_rng(7)
    rows = Rows()
    for line, device in lines:
        table, spread = line.at(t, now, device)
        noisy = np.minimum(table * (1 + spread / NOISE * rng.standard_normal(table.shape)), line.ceilings)
        for index, at in enumerate(t):
            rows.add(line.check_id, line.part, round(float(at), 3), np.ascontiguousarray(noisy[:, index]))
    store.write(rows)
