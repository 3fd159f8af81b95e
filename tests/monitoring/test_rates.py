"""Counters become rates: wraps, reboots, gaps and lies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.engine.rates import COUNTER32, COUNTER64, GAUGE, NOTHING, STATE, rates, rebooted

NONE = int(NOTHING)


def rate(kind: int, before: int, now: int, seconds: float = 10.0, restarted: bool = False) -> float:
    return float(
        rates(
            np.array([kind], np.uint8),
            np.array([now], np.uint64),
            np.array([before], np.uint64),
            np.array([seconds]),
            np.array([restarted]),
        )[0]
    )


@pytest.mark.parametrize(
    ("kind", "before", "now", "expected"),
    [
        (COUNTER64, 100, 200, 10.0),
        (COUNTER64, 0, 0, 0.0),
        (COUNTER32, 100, 200, 10.0),
        (COUNTER32, 2**32 - 50, 50, 10.0),
        (COUNTER64, 2**64 - 52, 48, 10.0),
        (COUNTER64, 2**63 + 100, 2**63 + 200, 10.0),
        (COUNTER64, 2**32 - 50, 2**32 + 50, 10.0),
        (COUNTER64, 2**33, 2**35, 6 * 2**32 / 10),
        (COUNTER64, 2**53, 2**53 + 10, 1.0),  # beyond what a float holds exactly
    ],
)
def test_increase_per_second(kind: int, before: int, now: int, expected: float) -> None:
    assert rate(kind, before, now) == expected


@pytest.mark.parametrize(
    ("kind", "before", "now", "seconds", "restarted"),
    [
        (COUNTER64, NONE, 200, 10, False),  # first reading
        (COUNTER64, 200, NONE, 10, False),  # no reading
        (COUNTER64, 1000, 10, 10, False),  # set back: 64 bits do not wrap from there
        (COUNTER32, 2**32 - 50, 50, 10, True),  # rebooted
        (COUNTER64, 100, 200, 0, False),  # the same moment
        (COUNTER64, 100, 200, -10, False),  # backward
        (COUNTER64, 100, 200, 3601, False),  # too long ago
        (COUNTER64, 100, 2**62, 10, False),  # impossible
        (COUNTER32, 2**33, 50, 10, False),  # never was a 32-bit counter
        (COUNTER64, 3 * 10**9, 5 * 10**12, 60, False),  # was read as a 32-bit counter before
        (GAUGE, 100, 200, 10, False),
        (STATE, 100, 200, 10, False),
    ],
)
def test_nothing_to_tell(kind: int, before: int, now: int, seconds: float, restarted: bool) -> None:
    assert np.isnan(rate(kind, before, now, seconds, restarted))


@pytest.mark.parametrize(
    ("uptime", "last_uptime", "expected"),
    [
        (160.0, 100.0, False),
        (5.0, 100.0, True),
        (150.5, 100.0, False),  # a clock that is off by a little
        (float("nan"), 100.0, False),
        (5.0, float("nan"), False),
    ],
)
def test_reboot(uptime: float, last_uptime: float, expected: bool) -> None:
    one = rebooted(np.array([1060.0]), np.array([uptime]), np.array([1000.0]), np.array([last_uptime]))
    assert bool(one[0]) is expected


@given(
    st.sampled_from([GAUGE, COUNTER32, COUNTER64, STATE]),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.floats(-1e5, 1e5),
    st.booleans(),
)
def test_a_rate_is_never_negative(kind: int, before: int, now: int, seconds: float, restarted: bool) -> None:
    assert not rate(kind, before, now, seconds, restarted) < 0
