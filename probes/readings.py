"""What a probe returns: columns of values, plain data."""

from collections.abc import Sequence
from dataclasses import dataclass, field

SCALAR: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Column:
    """One metric of one run by instance: the unit in which everything downstream works.

    `instances` is SCALAR for a value that a device has once, else interface names, core numbers, mount
    points, sensor names. `values` has the same length: gauges as float, counters as unsigned int (exact up to
    2**64 - 1), None where there is no value. `kind` is empty where probes.metrics tells it; an agent without
    64-bit counters says "counter32", so that a wrap can be told from a reset.
    """

    metric: str
    instances: tuple[str, ...]
    values: Sequence[float | int | None]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """One run of a probe against one target.

    `error` is empty when the target answered, else one clear line; `columns` then hold what was read until
    then. `duration` is in seconds. `notes` are facts of this run for people ("method": "fping"). `uptime` is
    the seconds since the target started, where known: rates need it to tell a reboot from a counter's wrap.
    """

    columns: list[Column] = field(default_factory=list)
    error: str = ""
    duration: float = 0.0
    notes: dict[str, str] = field(default_factory=dict)
    uptime: float | None = None
