"""Rules over values: when alerts open, fire, end and flap."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.engine.evaluate import (
    FLAP_CALM,
    FLAP_COUNT,
    GONE,
    Batch,
    Condition,
    InstanceNames,
    State,
    Transition,
    evaluate,
)

NAN = float("nan")
Key = tuple[int, int]


def batch(values: Sequence[float], at: float, last: Sequence[float] | None = None, **options: Any) -> Batch:
    size = len(values)
    return Batch(
        at=np.array([at]),
        healthy=np.array([options.get("healthy", True)]),
        values=np.array(values, float),
        last=np.array(last if last is not None else [NAN] * size, float),
        metric=np.zeros(size, np.int32),
        check=np.zeros(size, np.int32),
        instances=InstanceNames(np.array([0]), [[f"ge{number}" for number in range(size)]]),
        applies=[np.array([options.get("applies", True)])],
    )


class Machine:
    """Keeps states from batch to batch, as the book of alerts does."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.states: dict[Key, State] = {}
        self.recent: dict[Key, tuple[float, ...]] = {}
        self.log: list[Transition] = []

    def feed(self, at: float, values: Sequence[float], **options: Any) -> list[str]:
        steps = evaluate(batch(values, at, **options), [self.condition], self.states, self.recent)
        for step in steps:
            key = (step.rule, step.position)
            if step.state is None:
                self.recent[key] = self.states.pop(key).flips
            else:
                self.states[key] = step.state
        self.log += steps
        return [step.kind for step in steps]


def test_fires_after_its_time_and_ends_past_recovery() -> None:
    machine = Machine(Condition(1, 0, ">", 90, recovery=80, for_seconds=120))
    steps = [machine.feed(60 * minute, [value]) for minute, value in enumerate([95, 96, 97, 98, 85, 80, 70])]
    assert steps == [["open"], [], ["fire"], [], [], ["resolve"], []]


def test_a_pending_one_that_recovers_is_dropped() -> None:
    machine = Machine(Condition(1, 0, ">", 90, recovery=80, for_seconds=120))
    assert [machine.feed(60 * i, [v]) for i, v in enumerate([95, 85, 95])] == [["open"], ["drop"], ["open"]]


def test_unknown_changes_nothing() -> None:
    machine = Machine(Condition(1, 0, "<", 1))
    assert machine.feed(0, [0]) == ["open", "fire"]
    assert machine.feed(60, [NAN], healthy=False) == []
    assert machine.feed(120, [1]) == ["resolve"]


def test_what_stays_away_on_a_healthy_target_ends_the_alert() -> None:
    machine = Machine(Condition(1, 0, ">", 90, recovery=80))
    assert machine.feed(0, [95]) == ["open", "fire"]
    assert machine.feed(60, [NAN]) == ["calm"]
    assert machine.feed(120, [85]) == ["restless"]
    assert machine.feed(180, [NAN]) == ["calm"]
    assert machine.feed(GONE, [NAN]) == []
    assert machine.feed(GONE + 180, [NAN], healthy=False) == []
    assert machine.feed(GONE + 240, [NAN]) == ["resolve"]


@pytest.mark.parametrize(
    ("last", "expected"), [(1.0, ["open", "fire"]), (0.0, []), (NAN, [])], ids=["was up", "was down", "new"]
)
def test_only_after_ok(last: float, expected: list[str]) -> None:
    machine = Machine(Condition(1, 0, "==", 0, only_after_ok=True))
    assert machine.feed(0, [0], last=[last]) == expected


def test_a_state_that_no_longer_applies_ends_the_alert() -> None:
    machine = Machine(Condition(1, 0, "==", 0, missing_ends=True))
    machine.feed(0, [0])
    assert machine.feed(60, [NAN], healthy=False) == []
    assert machine.feed(120, [NAN]) == ["resolve"]


def test_a_device_that_leaves_the_selector_is_done_with() -> None:
    machine = Machine(Condition(1, 0, ">", 1))
    machine.feed(0, [5])
    assert machine.feed(60, [5], applies=False) == ["resolve"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ({}, [0, 1, 2]),
        ({"instance": re.compile("ge[12]")}, [1, 2]),
        ({"not_instance": re.compile("ge1")}, [0, 2]),
    ],
)
def test_patterns_pick_instances(patterns: dict[str, Any], expected: list[int]) -> None:
    machine = Machine(Condition(1, 0, ">", 1, **patterns))
    machine.feed(0, [5, 5, 5])
    assert sorted(position for _, position in machine.states) == expected


@pytest.mark.parametrize("operator", [">", ">=", "<", "<=", "==", "!="])
def test_nan_never_breaches(operator: str) -> None:
    assert Machine(Condition(1, 0, operator, 0)).feed(0, [NAN]) == []


def test_alternating_is_flapping_and_ends_only_after_calm() -> None:
    machine = Machine(Condition(1, 0, ">", 1))
    for minute in range(2 * FLAP_COUNT - 1):
        machine.feed(60 * minute, [5 if minute % 2 == 0 else 0])
    assert machine.states[1, 0].flapping
    begin = 60 * (2 * FLAP_COUNT)
    assert machine.feed(begin, [0]) == ["calm"]
    assert machine.feed(begin + 60, [5]) == ["restless"]
    assert machine.feed(begin + 120, [0]) == ["calm"]
    assert machine.feed(begin + 180, [0]) == []
    assert machine.feed(begin + 120 + FLAP_CALM, [0]) == ["resolve"]


values = st.lists(st.one_of(st.floats(0, 100), st.just(NAN)), min_size=1, max_size=60)


@given(values)
def test_resolves_only_at_or_below_recovery(series: list[float]) -> None:
    machine = Machine(Condition(1, 0, ">", 60, recovery=40, for_seconds=60))
    for minute, value in enumerate(series):
        if "resolve" in machine.feed(60.0 * minute, [value]):
            assert value <= 40


@given(values)
def test_fires_only_after_a_whole_breach(series: list[float]) -> None:
    machine = Machine(Condition(1, 0, ">", 60, for_seconds=120))
    for minute, value in enumerate(series):
        if "fire" in machine.feed(60.0 * minute, [value]):
            known = [one for one in series[: minute + 1] if not np.isnan(one)]
            assert known[-1] > 60
            assert len(series[: minute + 1]) >= 3


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=30))
def test_splitting_a_batch_changes_nothing(rows: list[tuple[float, float]]) -> None:
    both = Machine(Condition(1, 0, ">", 50, recovery=30, for_seconds=60))
    left, right = Machine(both.condition), Machine(both.condition)
    for minute, (a, b) in enumerate(rows):
        together = both.feed(60.0 * minute, [a, b])
        apart = left.feed(60.0 * minute, [a]) + right.feed(60.0 * minute, [b])
        assert sorted(together) == sorted(apart)
    assert both.states.get((1, 0)) == left.states.get((1, 0))
    assert both.states.get((1, 1)) == right.states.get((1, 0))
