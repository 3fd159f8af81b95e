"""CPU time by core and mode, and load."""

import os
from collections.abc import Mapping, Sequence

import psutil

from agent.collectors.part import Part, percent, scalar
from probes.readings import Column

Times = Mapping[str, float]
"""Seconds by mode since the start of the machine, of one core."""

INSIDE_OTHERS = ("guest", "guest_nice")  # Linux counts them in user and nice as well
IDLE = ("idle", "iowait")


def spent(before: Times, now: Times) -> dict[str, float]:
    """Seconds by mode between two readings; a counter that went back counts as none."""
    return {mode: max(0.0, now[mode] - before.get(mode, 0.0)) for mode in now if mode not in INSIDE_OTHERS}


def usage(seconds: Times) -> float | None:
    """Busy share in percent; None when no time went by."""
    whole = sum(seconds.values())
    return percent(whole - sum(seconds.get(mode, 0.0) for mode in IDLE), whole)


def columns(before: Sequence[Times], now: Sequence[Times]) -> list[Column]:
    """Usage of the machine, by mode and by core. No values where the number of cores changed in between."""
    cores = tuple(str(number) for number in range(len(now)))
    comparable = len(before) == len(now)
    by_core = [spent(a, b) for a, b in zip(before, now, strict=True)] if comparable else [{} for _ in now]
    modes = [mode for mode in (now[0] if now else {}) if mode not in INSIDE_OTHERS]
    together = {mode: sum(core.get(mode, 0.0) for core in by_core) for mode in modes}
    whole = sum(together.values())
    return [
        scalar("cpu.usage", usage(together)),
        Column("cpu.mode", tuple(modes), [percent(together[mode], whole) for mode in modes]),
        Column("cpu.core.usage", cores, [usage(core) for core in by_core]),
    ]


def load_columns(averages: Sequence[float]) -> list[Column]:
    """Load averages over 1, 5 and 15 minutes."""
    return [scalar(f"cpu.load{minutes}", value) for minutes, value in zip((1, 5, 15), averages, strict=True)]


class Collector:
    """Compares each reading with the one before it."""

    def __init__(self) -> None:
        self._before = self._times()

    def _times(self) -> list[dict[str, float]]:
        return [core._asdict() for core in psutil.cpu_times(percpu=True)]

    def read(self) -> Part:
        now = self._times()
        before, self._before = self._before, now
        load = load_columns(os.getloadavg()) if hasattr(os, "getloadavg") else []
        return Part(columns(before, now) + load, {})
