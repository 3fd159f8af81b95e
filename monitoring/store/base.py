"""What every store of sweeps can do: three methods, and the shapes that go in and come out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

PART = 240  # values a row: with 8 bytes each it stays under PostgreSQL's 2 kB limit for rows in line
POINTS = 800  # a chart never gets more


@dataclass(slots=True)
class Rows:
    """Parts of sweeps to write: four lists of one length.

    `at` is in seconds since 1970, `values` are float64 arrays of at most PART values (NaN = no value).
    """

    check_ids: list[int] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)

    def add(self, check_id: int, part: int, at: float, values: NDArray[np.float64]) -> None:
        self.check_ids.append(check_id)
        self.parts.append(part)
        self.at.append(at)
        self.values.append(values)

    def __len__(self) -> int:
        return len(self.check_ids)


@dataclass(slots=True)
class Points:
    """Lines over time: t[n] in seconds since 1970; mean, min, max as float64[lines][n], NaN = gap.

    `step` is the distance of the points in seconds; 0 means that they are the readings themselves.
    """

    t: NDArray[np.float64]
    mean: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    step: float


@dataclass(slots=True)
class Current:
    """The newest values of one part of a check, and when they were read (seconds since 1970)."""

    at: float
    values: NDArray[np.float64]


class Store(Protocol):
    """Where sweeps live. A caller's transaction is respected where the store has any."""

    def write(self, rows: Rows) -> None:
        """Keep these parts; a (check, part, at) that is already there is an error of the caller."""

    def read(
        self, check_id: int, part: int, slots: Sequence[int], start: float, end: float, step: float = 0
    ) -> Points:
        """Lines of `slots` over [start, end) seconds; at most POINTS points, or `step` seconds apart."""

    def latest(self, check_ids: Iterable[int]) -> dict[tuple[int, int], Current]:
        """Newest values by (check, part)."""
