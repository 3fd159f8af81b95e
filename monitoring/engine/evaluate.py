"""Rules against a batch: which problems begin, fire, end. Pure; states come in, transitions go out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FLAP_WINDOW = 3600.0  # seconds in which FLAP_COUNT openings mean flapping
FLAP_COUNT = 4
FLAP_CALM = 900.0  # seconds a flapping alert must stay good before it is resolved
GONE = 3600.0  # seconds that a healthy target must leave a reading out for its alert to end

COMPARE = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled rule. `metric` is the batch's number of the metric; `instance` and `not_instance` patterns.

    `missing_ends`: a value that a healthy sweep leaves out ends the alert (states: a port shut on purpose).
    """

    rule: int
    metric: int
    operator: str
    threshold: float
    recovery: float | None = None
    for_seconds: float = 0.0
    only_after_ok: bool = False
    missing_ends: bool = False
    instance: re.Pattern[str] | None = None
    not_instance: re.Pattern[str] | None = None

    def breached(self, values: Floats) -> Flags:
        """Where the condition holds; never for NaN."""
        with np.errstate(invalid="ignore"):
            flags: Flags = COMPARE[self.operator](values, self.threshold) & ~np.isnan(values)
        return flags

    def recovered(self, values: Floats) -> Flags:
        """Where an open alert ends: not breached, and past `recovery` where the operator has a direction."""
        with np.errstate(invalid="ignore"):
            good = ~self.breached(values) & ~np.isnan(values)
            if self.recovery is None or self.operator in ("==", "!="):
                return good
            past = values <= self.recovery if self.operator in (">", ">=") else values >= self.recovery
        return good & past


@dataclass(frozen=True, slots=True)
class State:
    """An open alert: pending or firing since `since`; epoch seconds throughout."""

    status: Literal["pending", "firing"]
    since: float
    flips: tuple[float, ...] = ()
    flapping: bool = False
    ok_since: float | None = None


@dataclass(slots=True)
class Batch:
    """Sweeps laid flat, one reading a position; `check` numbers the sweeps (one a check) from 0.

    at, healthy: by check. values, last, metric, check: by position; `last` is the last known reading before
    this one (NaN = never known). `applies[condition][check]`: does the rule's selector pick the device?
    """

    at: Floats
    healthy: Flags
    values: Floats
    last: Floats
    metric: NDArray[np.int32]
    check: NDArray[np.int32]
    instances: "InstanceNames"
    applies: list[Flags]


class InstanceNames:
    """Names of instances by position, looked up only where a rule asks."""

    def __init__(self, starts: NDArray[np.int64], names: list[list[str]]) -> None:
        self._starts = starts
        self._names = names

    def __getitem__(self, position: int) -> str:
        sweep = int(np.searchsorted(self._starts, position, side="right")) - 1
        return self._names[sweep][position - int(self._starts[sweep])]


Key = tuple[int, int]  # rule, position


@dataclass(frozen=True, slots=True)
class Transition:
    """What to do with the alert of (rule, position).

    kind: open (pending), fire, drop (a pending one that recovered), resolve, calm and restless (a flapping
    one became good, or a reading went missing; it is bad, or there, again).
    `state` is the state after it; None where no alert stays open.
    """

    kind: Literal["open", "fire", "drop", "resolve", "calm", "restless"]
    rule: int
    position: int
    at: float
    value: float
    state: State | None


@dataclass(slots=True)
class Outcome:
    """Transitions in order; more than one may concern one alert (it opens and fires at once)."""

    transitions: list[Transition] = field(default_factory=list)

    def add(self, kind: str, key: Key, at: float, value: float, state: State | None) -> State | None:
        self.transitions.append(Transition(kind, *key, at, value, state))  # type: ignore[arg-type]
        return state


def evaluate(
    batch: Batch,
    conditions: list[Condition],
    states: Mapping[Key, State],
    recent: Mapping[Key, tuple[float, ...]],
) -> list[Transition]:
    """Transitions of all alerts of this batch.

    `states` holds the open alerts of the batch's checks, `recent` the moments at which alerts opened that are
    resolved by now (flapping). Positions without a value change nothing, unless the condition says so or they
    stay without one for GONE (a disk that was taken out).
    """
    outcome = Outcome()
    by_metric: dict[int, NDArray[np.int64]] = {}
    open_by_rule: dict[int, list[int]] = {}
    for rule, position in states:
        open_by_rule.setdefault(rule, []).append(position)
    for number, condition in enumerate(conditions):
        if condition.metric not in by_metric:
            by_metric[condition.metric] = np.flatnonzero(batch.metric == condition.metric)
        positions = by_metric[condition.metric]
        if positions.size:
            opened = open_by_rule.get(condition.rule, [])
            _begin(batch, condition, batch.applies[number], positions, opened, recent, outcome)
            _go_on(batch, condition, batch.applies[number], opened, states, outcome)
    return outcome.transitions


def _begin(
    batch: Batch,
    condition: Condition,
    applies: Flags,
    positions: NDArray[np.int64],
    opened: list[int],
    recent: Mapping[Key, tuple[float, ...]],
    outcome: Outcome,
) -> None:
    bad = positions[condition.breached(batch.values[positions]) & applies[batch.check[positions]]]
    if not bad.size:
        return
    if condition.only_after_ok:
        last = batch.last[bad]
        bad = bad[~condition.breached(last) & ~np.isnan(last)]
    for position in np.setdiff1d(bad, np.array(opened, dtype=np.int64)).tolist():
        if not named(condition, batch.instances[position]):
            continue
        at, value = float(batch.at[batch.check[position]]), float(batch.values[position])
        key = (condition.rule, position)
        state = State("pending", at, flips=recent.get(key, ()))
        outcome.add("open", key, at, value, state)
        _fire_if_due(condition, key, state, at, value, outcome)


def named(condition: Condition, instance: str) -> bool:
    """Whether the rule's patterns pick this instance."""
    if condition.instance and not condition.instance.search(instance):
        return False
    return not (condition.not_instance and condition.not_instance.search(instance))


def _fire_if_due(
    condition: Condition, key: Key, state: State, at: float, value: float, outcome: Outcome
) -> None:
    if 0 <= at - state.since < condition.for_seconds:  # below 0: it began before the clock was set back
        return
    flips = (*(flip for flip in state.flips if flip > at - FLAP_WINDOW), at)
    fired = replace(state, status="firing", flips=flips, flapping=len(flips) >= FLAP_COUNT)
    outcome.add("fire", key, at, value, fired)


def _go_on(
    batch: Batch,
    condition: Condition,
    applies: Flags,
    opened: list[int],
    states: Mapping[Key, State],
    outcome: Outcome,
) -> None:
    if not opened:
        return
    positions = np.array(sorted(opened), dtype=np.int64)
    values = batch.values[positions]
    checks = batch.check[positions]
    bad = condition.breached(values)
    good = condition.recovered(values) | ~applies[checks]
    if condition.missing_ends:
        good |= np.isnan(values) & batch.healthy[checks]
    missing = np.isnan(values) & batch.healthy[checks]
    for index, position in enumerate(positions.tolist()):
        key = (condition.rule, position)
        at, value = float(batch.at[checks[index]]), float(values[index])
        state = states[key]
        if state.status == "pending":
            _pending(condition, key, state, at, value, bool(bad[index]), outcome)
        elif good[index]:
            _firing_good(key, state, at, value, bool(applies[checks[index]]), outcome)
        elif missing[index]:
            _firing_missing(key, state, at, value, outcome)
        elif state.ok_since is not None and (bad[index] or not (state.flapping or np.isnan(value))):
            outcome.add("restless", key, at, value, replace(state, ok_since=None))


def _pending(
    condition: Condition, key: Key, state: State, at: float, value: float, bad: bool, outcome: Outcome
) -> None:
    if bad:
        _fire_if_due(condition, key, state, at, value, outcome)
    elif not np.isnan(value) or condition.missing_ends:
        outcome.add("drop", key, at, value, None)


def _firing_missing(key: Key, state: State, at: float, value: float, outcome: Outcome) -> None:
    if state.ok_since is None:
        outcome.add("calm", key, at, value, replace(state, ok_since=at))
    elif at - state.ok_since >= GONE:
        outcome.add("resolve", key, at, value, None)


def _firing_good(key: Key, state: State, at: float, value: float, applies: bool, outcome: Outcome) -> None:
    """A flapping alert must stay good for FLAP_CALM; another ends at once."""
    if state.flapping and applies:
        if state.ok_since is None:
            outcome.add("calm", key, at, value, replace(state, ok_since=at))
            return
        if at - state.ok_since < FLAP_CALM:
            return
    outcome.add("resolve", key, at, value, None)
