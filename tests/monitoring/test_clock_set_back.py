"""The server's clock is set back by two hours: checks go on, what is new counts, roll-ups have no hole."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from monitoring import claims
from monitoring.ingest import Report, SweepInput, ingest
from monitoring.models import Alert, Check, Rule
from monitoring.store import rollups, store
from monitoring.store.postgres import rolled_until
from probes.readings import SCALAR, Column, Readings

pytestmark = pytest.mark.django_db
HOUR, STEP = 3600, 7200
Feed = Callable[[float, float], Report]


@pytest.fixture
def hand_in(check: Check, now: float) -> Feed:
    """hand_in(seconds, load): a sweep read so long after `now` by the clock of that time."""

    def feed(offset: float, load: float) -> Report:
        octets = Column("if.in.octets", ("ge1",), (int(100 * (offset + 10 * STEP)),))
        readings = Readings([Column("cpu.usage", SCALAR, (load,)), octets], uptime=10**6 + offset)
        return ingest([SweepInput(check.pk, now + offset, readings)], now=now + offset)

    return feed


def test_what_comes_after_is_the_newest(check: Check, hand_in: Feed, now: float) -> None:
    hand_in(STEP, 10)
    for minute in range(3):
        hand_in(60 * minute, 20 + minute)
    check.refresh_from_db()
    assert check.last_run.timestamp() == now + 120
    values = store.latest([check.pk])[check.pk, 0]
    assert values.at == now + 120
    assert values.values.tolist()[2:] == [22, 100]


def test_alerts_come(hand_in: Feed) -> None:
    Rule.objects.all().delete()
    Rule.objects.create(name="Busy", metric="cpu.usage", threshold=50, for_seconds=60)
    hand_in(STEP, 90)
    assert Alert.objects.get().status == "pending"
    hand_in(0, 90)
    assert Alert.objects.get().status == "firing"
    hand_in(60, 10)
    assert Alert.objects.get().status == "resolved"


def test_what_is_there_is_known_still(hand_in: Feed) -> None:
    hand_in(0, 10)
    hand_in(STEP, 10)
    assert hand_in(0, 11).duplicates == 1


@pytest.mark.parametrize(
    ("next_run", "lease", "due"),
    [
        (STEP, None, True),
        (59, None, False),
        (-1, None, True),
        (59, STEP, True),
        (59, 200, False),
        (59, -1, True),
    ],
)
def test_checks_run_on(check: Check, next_run: float, lease: float | None, due: bool) -> None:
    now = timezone.now()
    Check.objects.filter(pk=check.pk).update(
        next_run=now + timedelta(seconds=next_run),
        lease_until=None if lease is None else now + timedelta(seconds=lease),
    )
    assert claims.claim() == ({"default": [check.pk]} if due else {})


def test_the_hours_between_are_rolled_up(check: Check, hand_in: Feed, now: float) -> None:
    begin = now // HOUR * HOUR - now
    hand_in(begin - 600, 10)
    rollups.roll_up(now + begin + STEP + 120)
    assert rolled_until("5m") == now + begin + STEP
    hand_in(begin + 600, 20)
    rollups.roll_up(now + begin + HOUR + 120)
    assert rolled_until("5m") == now + begin + HOUR
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM monitoring_rollup5m WHERE check_id = %s AND part = 0", [check.pk]
        )
        assert cursor.fetchone() == (2,)
