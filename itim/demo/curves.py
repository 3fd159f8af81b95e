"""Curves that look like a working company: sums of sines, so that a counter is their exact integral.

A curve is dimensionless, about 1 on average and never below 0. The simulator multiplies it with what a device
does on average; the month before is drawn with the same curve, so that past and present join.
"""

import math
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

DAY: Final = 86400.0
WEEK: Final = 7 * DAY
NOON: Final = 13.5 * 3600
"""UTC time of day at which a company in Western Europe is busiest."""

# kind: amplitudes of (week, day, half a day, 97 min, 31 min, 11 min); their sum stays below 1
SHAPES: Final = {
    "traffic": (0.10, 0.42, 0.12, 0.10, 0.08, 0.06),
    "load": (0.06, 0.30, 0.10, 0.12, 0.10, 0.08),
    "busy": (0.0, 0.02, 0.0, 0.015, 0.01, 0.005),
    "memory": (0.01, 0.04, 0.01, 0.015, 0.01, 0.0),
    "warmth": (0.01, 0.06, 0.01, 0.01, 0.005, 0.005),
    "steady": (0.0, 0.004, 0.0, 0.003, 0.002, 0.002),
    "flat": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
}
PERIODS: Final = (WEEK, DAY, DAY / 2, 5820.0, 1860.0, 660.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """`shape` is a key of SHAPES; `seed` moves the small waves so that no two things breathe alike."""

    shape: str
    seed: str = ""

    def at(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at times in seconds since 1970."""
        total = np.ones_like(t)
        for amplitude, period, phase in self._waves():
            if amplitude:
                total += amplitude * np.cos((t - phase) * (2 * math.pi / period))
        return total

    def now(self, t: float) -> float:
        """One value."""
        return 1 + sum(a * math.cos((t - phase) * 2 * math.pi / p) for a, p, phase in self._waves() if a)

    def integral(self, t: float) -> float:
        """What a counter that runs at this rate has counted since 1970."""
        return t + sum(
            a * p / (2 * math.pi) * math.sin((t - phase) * 2 * math.pi / p)
            for a, p, phase in self._waves()
            if a
        )

    def _waves(self) -> list[tuple[float, float, float]]:
        offset = zlib.crc32(self.seed.encode()) / 2**32
        phases = (5 * DAY, NOON, NOON - 3600, *(offset * period for period in PERIODS[3:]))
        return list(zip(SHAPES[self.shape], PERIODS, phases, strict=True))
