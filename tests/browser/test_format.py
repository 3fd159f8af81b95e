"""format.js writes every value as core/format.py does."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from core import format as formats
from core.models import User
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser

UNITS = ["", "%", "B", "B/s", "s", "1/s", "V", "°C", "Hz", "dBm", "rpm"]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GAPS = [0, 9, 10, 59, 60, 3599, 3600, 86399, 86400, 2591999, 31536000, 99999999]


def values() -> list[float]:
    """Edges of every step, and numbers of all sizes that fall on no tie of rounding."""
    numbers = random.Random(4711)  # the same ones every time
    sizes = [numbers.uniform(1, 9.99) * 10**power for power in range(-8, 19)]
    edges = [0, 1, 999, 999.4, 999.7, 1000, 1023, 1023.7, 1024, 1536, 59.9, 60, 3600, 86400, 99.96, 0.1]
    return [sign * value for value in (*edges, *sizes) for sign in (1, -1)]


def test_numbers_are_written_alike(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    cases = [[value, unit, bits] for value in values() for unit in UNITS for bits in (False, True)]
    written = page.evaluate("cases => cases.map(one => itim.format.quantity(...one))", cases)
    expected = [formats.quantity(*case) for case in cases]
    assert [pair for pair in zip(cases, written, expected, strict=True) if pair[1] != pair[2]] == []


@pytest.mark.parametrize(
    ("value", "said"),
    [("0", "OK"), ("2", "critical"), ("0.2", "OK – warning"), ("7", "7"), ("null", "–"), ("NaN", "–")],
)
def test_a_state_is_named_by_its_word(open_page: Opener, admin: User, value: str, said: str) -> None:
    page = open_page("/ui/", admin)
    assert page.evaluate(f"itim.format.state({value}, {{0: 'OK', 1: 'warning', 2: 'critical'}})") == said


@pytest.mark.parametrize("value", ["null", "undefined", "NaN", "Infinity", "'5'"])
def test_what_is_no_number_is_a_dash(open_page: Opener, admin: User, value: str) -> None:
    page = open_page("/ui/", admin)
    assert page.evaluate(f"itim.format.quantity({value}, '%')") == formats.quantity(math.nan, "%") == "–"


def test_times_are_written_alike(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    gaps = [sign * gap for gap in GAPS for sign in (1, -1)]
    now = NOW.timestamp() * 1000
    written = page.evaluate(
        "([now, gaps]) => gaps.map(gap => itim.format.ago(now - gap * 1000, now))", [now, gaps]
    )
    assert written == [formats.ago(NOW - timedelta(seconds=gap), NOW) for gap in gaps]
