"""Sweeps laid end to end as arrays: what all arithmetic on a batch works on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitoring.engine import rates
from monitoring.layout import DURATION, UP
from monitoring.store.previous import Raw
from probes.readings import Column, Readings


@dataclass(slots=True)
class SweepInput:
    """One run of a check: `at` is when it was read, in seconds since 1970."""

    check_id: int
    at: float
    readings: Readings


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
