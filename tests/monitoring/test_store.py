"""Sweeps in, charts out: raw, roll-ups, gaps, partitions."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from inventory.models import Device
from monitoring.models import Check
from monitoring.store import POINTS, Rows, partitions, rollups, store

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC).timestamp()
DAY = 86400


def write(check: Check, start: float, step: float, values: np.ndarray, part: int = 0) -> None:
    """values is [sweeps][slots]."""
    rows = Rows()
    for number, row in enumerate(values):
        rows.add(check.pk, part, start + number * step, np.asarray(row, dtype=float))
    store.write(rows)


@pytest.fixture
def check(db: None) -> Check:
    return Check.objects.create(device=Device.objects.create(name="sw1"), kind="snmp")


@pytest.fixture
def ten_days(check: Check) -> Check:
    """A sweep every five minutes: slot 0 counts the hours, slot 1 is 1, 2, 3, 1, 2, 3 …"""
    number = np.arange(10 * 288)
    write(check, MIDNIGHT, 300, np.stack([number // 12, number % 3 + 1], axis=1))
    return check


def test_short_ranges_are_the_readings_themselves(ten_days: Check) -> None:
    points = store.read(ten_days.pk, 0, [1], MIDNIGHT, MIDNIGHT + 1800)
    assert points.step == 0
    assert points.mean.tolist() == [[1, 2, 3, 1, 2, 3]]
    assert points.t.tolist() == [MIDNIGHT + 300 * i for i in range(6)]


@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize(("days", "step"), [(1, 300), (3, 600), (7, 900), (10, 1800)])
def test_long_ranges_have_few_points(ten_days: Check, days: int, step: int, rolled: bool) -> None:
    if rolled:
        rollups.roll_up(MIDNIGHT + 9.3 * DAY)
    points = store.read(ten_days.pk, 0, [0, 1], MIDNIGHT, MIDNIGHT + days * DAY)
    assert points.step == step
    assert len(points.t) == days * DAY / step <= POINTS
    assert points.mean[0].tolist() == [t // 3600 for t in range(0, days * DAY, step)]


@pytest.mark.parametrize("rolled_to", [0, 4.5, 20])
def test_hours_are_the_same_from_every_tier(ten_days: Check, rolled_to: float) -> None:
    if rolled_to:
        rollups.roll_up(MIDNIGHT + rolled_to * DAY)
    points = store.read(ten_days.pk, 0, [1], MIDNIGHT, MIDNIGHT + 10 * DAY, step=3600)
    assert points.mean[0].tolist() == [2] * 240
    assert set(points.min[0]) == {1}
    assert set(points.max[0]) == {3}


def test_old_rollups_answer_when_the_readings_are_gone(ten_days: Check) -> None:
    rollups.roll_up(MIDNIGHT + 20 * DAY)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM monitoring_sweep")
    assert store.read(ten_days.pk, 0, [0], MIDNIGHT, MIDNIGHT + 7200).mean[0, 0] == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM monitoring_rollup5m")
    points = store.read(ten_days.pk, 0, [0], MIDNIGHT, MIDNIGHT + 10 * DAY, step=DAY)
    assert points.mean[0].tolist() == [24 * day + 11.5 for day in range(10)]


def test_rolling_up_twice_changes_nothing(ten_days: Check) -> None:
    def everything() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM monitoring_rollup5m ORDER BY 1, 2, 3")
            hours = cursor.fetchall()
            cursor.execute("SELECT * FROM monitoring_rollup1h ORDER BY 1, 2, 3")
            return hours + cursor.fetchall()

    assert rollups.roll_up(MIDNIGHT + 11 * DAY) == 240 + 10
    first = everything()
    assert rollups.roll_up(MIDNIGHT + 11 * DAY) == 0
    rollups.hour_of(MIDNIGHT, None)
    rollups.day_of(MIDNIGHT, None)
    assert repr(everything()) == repr(first)


def test_late_sweeps_reach_the_rollups(ten_days: Check) -> None:
    rollups.roll_up(MIDNIGHT + 11 * DAY)
    write(ten_days, MIDNIGHT + 60, 60, np.array([[0, 40.0]]))
    rollups.note_late({(ten_days.pk, MIDNIGHT + 60)})
    rollups.roll_up(MIDNIGHT + 11 * DAY)
    for step in (300, 3600):
        points = store.read(ten_days.pk, 0, [1], MIDNIGHT, MIDNIGHT + 2 * DAY, step=step)
        assert points.max[0, 0] == 40


def test_gaps_stay_gaps(check: Check) -> None:
    write(check, MIDNIGHT, 60, np.array([[1.0], [np.nan], [3.0]]))
    write(check, MIDNIGHT + 7200, 60, np.array([[5.0]]))
    raw = store.read(check.pk, 0, [0], MIDNIGHT, MIDNIGHT + 3600)
    assert np.array_equal(raw.mean[0], [1, np.nan, 3], equal_nan=True)
    rollups.roll_up(MIDNIGHT + DAY)
    points = store.read(check.pk, 0, [0], MIDNIGHT, MIDNIGHT + 10800, step=3600)
    assert np.array_equal(points.mean[0], [2, np.nan, 5], equal_nan=True)


def test_a_slot_given_later_is_a_gap_before(check: Check) -> None:
    write(check, MIDNIGHT, 60, np.array([[1.0]]))
    write(check, MIDNIGHT + 60, 60, np.array([[1.0, 7.0]]))
    rollups.roll_up(MIDNIGHT + DAY)
    for step in (0, 300):
        points = store.read(check.pk, 0, [0, 1], MIDNIGHT, MIDNIGHT + 300, step=step)
        assert points.mean[:, -1].tolist() == [1, 7]
    assert np.isnan(store.read(check.pk, 0, [1], MIDNIGHT, MIDNIGHT + 60).mean).all()


def test_latest_is_never_replaced_by_older(check: Check) -> None:
    write(check, MIDNIGHT + 60, 60, np.array([[2.0]]))
    write(check, MIDNIGHT, 60, np.array([[1.0]]))
    assert store.latest([check.pk])[check.pk, 0].values.tolist() == [2]


@pytest.mark.parametrize("sizes", [[1, 2, 3], [240] * 5, [0, 1]])
def test_rows_of_any_length(check: Check, sizes: list[int]) -> None:
    rows = Rows()
    for part, size in enumerate(sizes):
        rows.add(check.pk, part, MIDNIGHT, np.arange(size, dtype=float))
    store.write(rows)
    latest = store.latest([check.pk])
    assert [len(latest[check.pk, part].values) for part in range(len(sizes))] == sizes


def test_partitions_come_ahead_and_go_by_retention(transactional_db: None) -> None:
    today = date(2026, 1, 31)
    partitions.ensure_ahead(today)
    names = set(partitions.existing(partitions.SWEEP))
    assert {f"monitoring_sweep_202601{day}" for day in (30, 31)} <= names
    assert {f"monitoring_sweep_2026020{day}" for day in (1, 2, 3)} <= names
    assert "monitoring_rollup1h_202604" in partitions.existing(partitions.ROLLUP1H)
    dropped = partitions.drop_old(today + timedelta(days=9))
    assert "monitoring_sweep_20260201" in dropped
    assert "monitoring_sweep_20260202" not in dropped
    assert "monitoring_rollup5m_20260131" not in dropped
    assert not set(dropped) & set(partitions.existing(partitions.SWEEP))
