"""When it will be full: slopes out of the roll-ups of a week."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from core.access import SYSTEM
from monitoring import recent, tops, trends
from monitoring.models import Check, Series, Trend
from monitoring.store import Rows, rollups, store

DAY, HOUR = 86400.0, 3600.0


@pytest.fixture
def week(check: Check, feed: Callable[..., object]) -> Callable[[float, int], Series]:
    """week(2.0, 6): six days of readings every ten minutes that rise by 2 a day up to 80 now, rolled up."""

    def write(per_day: float, days: int) -> Series:
        feed(-10, {"disk.usage": {"/": 80.0}})
        series = Series.objects.get(metric="disk.usage")
        now = time.time()
        rows = Rows()
        for at in np.arange(now - days * DAY, now - 60, 600):
            values = np.full(series.slot + 1, np.nan)
            values[series.slot] = 80 - (now - at) / DAY * per_day
            rows.add(check.pk, 0, float(at), values)
        store.write(rows)
        rollups.roll_up(now)
        tops.refresh()
        return series

    return write


def test_days_until_full_follow_the_slope(week: Callable[[float, int], Series]) -> None:
    series = week(2.0, 6)
    assert trends.foresee() == 1
    assert Trend.objects.get(series=series).per_day == pytest.approx(2.0, rel=0.05)
    place = tops.highest(SYSTEM, ["disk"])["disk"][0]
    assert place.days == pytest.approx(10, rel=0.06)


def test_what_does_not_fill_has_no_day(week: Callable[[float, int], Series]) -> None:
    week(-0.5, 6)
    trends.foresee()
    assert tops.highest(SYSTEM, ["disk"])["disk"][0].days is None


def test_a_day_of_data_is_not_enough(week: Callable[[float, int], Series]) -> None:
    week(2.0, 1)
    assert trends.foresee() == 0
    assert not Trend.objects.exists()


def test_old_slopes_go(week: Callable[[float, int], Series], check: Check) -> None:
    week(2.0, 6)
    trends.foresee()
    Check.objects.filter(pk=check.pk).update(enabled=False)
    tops.refresh()
    trends.foresee()
    assert not Trend.objects.exists()


def test_lines_hold_the_last_hour_and_leave_gaps(
    check: Check, feed: Callable[..., object], now: float
) -> None:
    for minute in (*range(58, 40, -1), *range(20, 0, -1)):
        feed(-60 * minute, {"cpu.usage": {"": float(minute)}})
    series = Series.objects.get(metric="cpu.usage")
    values = recent.sparks([series])[series.pk]
    assert len(values) == recent.POINTS
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert values[recent.POINTS // 2] is None
    assert recent.sparks([]) == {}
