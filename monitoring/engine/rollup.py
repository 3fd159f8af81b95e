"""Roll-ups: many readings become count, min, mean and max of even stretches of time. Pure numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Buckets:
    """Arrays [lines][buckets]; where count is 0 the others are NaN."""

    count: Floats
    min: Floats
    mean: Floats
    max: Floats


def of_readings(values: Floats) -> "Buckets":
    """Readings [lines][n] as n buckets of one reading each (NaN: of none)."""
    return Buckets((~np.isnan(values)).astype(np.float64), values, values, values)


def merge(bucket: NDArray[np.int64], size: int, parts: Buckets) -> Buckets:
    """Sum up columns of `parts` by bucket number (0 … size-1, not descending) into `size` buckets.

    Means are weighted by count, so merging merged buckets gives what merging the readings would have given.
    """
    lines = parts.count.shape[0]
    out = Buckets(np.zeros((lines, size)), *(np.full((lines, size), np.nan) for _ in range(3)))
    if not bucket.size or not lines:
        return out
    starts = np.flatnonzero(np.r_[True, bucket[1:] != bucket[:-1]])
    where = bucket[starts]
    total = np.where(parts.count > 0, parts.mean * parts.count, 0.0)
    count = np.add.reduceat(parts.count, starts, axis=1)
    out.count[:, where] = count
    out.min[:, where] = np.fmin.reduceat(parts.min, starts, axis=1)
    out.max[:, where] = np.fmax.reduceat(parts.max, starts, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        out.mean[:, where] = np.add.reduceat(total, starts, axis=1) / count
    return out


def join(pieces: list[Buckets]) -> Buckets:
    """One after the other in time."""
    return Buckets(
        *(
            np.concatenate([getattr(piece, name) for piece in pieces], axis=1)
            for name in ("count", "min", "mean", "max")
        )
    )
