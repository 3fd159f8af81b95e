"""Which position of a check's arrays means what. Positions run through all parts: part * PART + slot."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from monitoring.engine.rates import KIND_CODES
from monitoring.models import Series
from monitoring.store import PART
from probes.metrics import METRICS, Metric
from probes.readings import Column

UP, DURATION = 0, 1  # positions of check.up and check.duration in every check
MOST = 20_000  # series a check may have: a device that makes up names cannot fill the database
KEPT = 20_000  # layouts a process remembers
NAME_LENGTH = 255

_numbers: dict[str, int] = {}


def metric_number(name: str) -> int:
    """This process's number of a metric, for arrays."""
    return _numbers.setdefault(name, len(_numbers))


@dataclass(slots=True)
class Layout:
    """The series of one check as this process knows them; arrays are by position."""

    metrics: list[str] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    index: dict[str, dict[str, int]] = field(default_factory=dict)
    matched: dict[tuple[str, str], tuple[tuple[str, ...], NDArray[np.int64]]] = field(default_factory=dict)
    numbers: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    kinds: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    refused: int = 0

    @property
    def size(self) -> int:
        return len(self.metrics)

    def position(self, metric: str, instance: str) -> int | None:
        return self.index.get(metric, {}).get(instance)

    def extend(self, places: Iterable[tuple[str, str, str]]) -> None:
        """Append series (metric, instance, kind)."""
        kinds, numbers = [], []
        for metric, instance, kind in places:
            self.index.setdefault(metric, {})[instance] = self.size
            self.metrics.append(metric)
            self.instances.append(instance)
            kinds.append(KIND_CODES.get(kind, 0))
            numbers.append(metric_number(metric))
        self.kinds = np.concatenate([self.kinds, np.array(kinds, np.uint8)])
        self.numbers = np.concatenate([self.numbers, np.array(numbers, np.int32)])

    def match(self, column: Column) -> tuple[NDArray[np.int64], list[str]]:
        """Positions of a column's values, and the instances that have no place yet (theirs are -1).

        The usual column is the one of last time: a single comparison of tuples.
        """
        known = self.matched.get((column.metric, column.kind))
        if known is not None and known[0] == column.instances:
            return known[1], []
        index = self.index.get(column.metric, {})
        names = [clean(name) for name in column.instances]
        positions = np.array([index.get(name, -1) for name in names], dtype=np.int64)
        missing = list(dict.fromkeys(name for name in names if name not in index))
        if not missing:
            self.matched[column.metric, column.kind] = (column.instances, positions)
        return positions, missing


def clean(name: str) -> str:
    """A name from outside as the database can hold it."""
    if name.isprintable() and len(name) <= NAME_LENGTH:
        return name
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return printable[:NAME_LENGTH]


_kept: dict[int, Layout] = {}


def forget(check_ids: Iterable[int]) -> None:
    """After a transaction that failed: what was appended in it is not there."""
    for check_id in check_ids:
        _kept.pop(check_id, None)


def obtain(slots: dict[int, int]) -> dict[int, Layout]:
    """Layouts of checks given as id → number of series in the database; one query for the unknown ones."""
    found = {
        check_id: layout
        for check_id, size in slots.items()
        if (layout := _kept.get(check_id)) is not None and layout.size == size
    }
    fresh = _read([check_id for check_id in slots if check_id not in found], slots)
    if len(_kept) + len(fresh) > KEPT:
        _kept.clear()
    _kept.update(fresh)
    return {**found, **fresh}


def _read(check_ids: list[int], slots: dict[int, int]) -> dict[int, Layout]:
    rows: dict[int, list[tuple[str, str, str]]] = {check_id: [] for check_id in check_ids}
    if wanted := [check_id for check_id in check_ids if slots[check_id]]:
        found = Series.objects.filter(source__in=wanted).order_by("source_id", "part", "slot")
        for check_id, metric, instance, kind in found.values_list("source_id", "metric", "instance", "kind"):
            rows[check_id].append((metric, instance, kind))
    fresh = {check_id: Layout() for check_id in check_ids}
    for check_id, places in rows.items():
        fresh[check_id].extend(places)
    return fresh


@dataclass(slots=True)
class Growth:
    """Series to append, gathered over a batch; `save` writes them in the caller's transaction."""

    rows: list[Series] = field(default_factory=list)
    refused: int = 0

    def add(self, check_id: int, layout: Layout, metric: str, names: list[str]) -> None:
        """Give places to these instances of a metric, as far as the check's limit goes."""
        room = max(0, MOST - layout.size)
        self.refused += max(0, len(names) - room)
        known = METRICS.get(metric) or Metric(metric, metric)
        for offset, name in enumerate(names[:room]):
            part, slot = divmod(layout.size + offset, PART)
            self.rows.append(
                Series(
                    source_id=check_id,
                    part=part,
                    slot=slot,
                    metric=metric,
                    instance=name,
                    unit=known.unit,
                    kind=known.kind,
                )
            )
        layout.extend((metric, name, known.kind) for name in names[:room])

    def save(self) -> None:
        Series.objects.bulk_create(self.rows, batch_size=2000)
