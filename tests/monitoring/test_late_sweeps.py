"""Sweeps that come late, or from what is out of service: stored and rolled up, but no alert's business."""

from collections.abc import Callable

import pytest
from django.db import connection

from inventory.models import Device
from monitoring.ingest import Report, SweepInput, ingest
from monitoring.models import Alert, Check, Rule
from monitoring.store import rollups
from probes.readings import SCALAR, Column, Readings

pytestmark = pytest.mark.django_db
HOUR = 3600
Feed = Callable[..., Report]


def counted(check: Check) -> int:
    """Readings of check.up in the 5-minute roll-ups."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count[1:1] FROM monitoring_rollup5m WHERE check_id = %s AND part = 0", [check.pk]
        )
        return sum(sum(row[0]) for (row,) in cursor.fetchall())


def test_what_an_agent_kept_while_it_was_cut_off_is_rolled_up(check: Check, feed: Feed, now: float) -> None:
    begin = now // HOUR * HOUR - 3 * HOUR
    feed(begin - now, {"cpu.usage": {"": 1}})
    rollups.roll_up(now)
    assert counted(check) == 1
    for minute in range(1, 5):  # all newer than what was there, all of an hour that is rolled up
        feed(begin + 60 * minute - now, {"cpu.usage": {"": 1}})
    rollups.roll_up(now)
    assert counted(check) == 5


def test_an_old_sweep_ends_no_alert(check: Check, device: Device, feed: Feed, now: float) -> None:
    Rule.objects.create(name="Hot", metric="temperature", threshold=50)
    other = Check.objects.create(device=device, kind="http")
    feed(-30, {"temperature": {"cpu": 60}})

    def cool(of: Check, offset: float) -> SweepInput:
        column = Column("temperature", ("cpu",), (20.0,))
        return SweepInput(of.pk, now + offset, Readings([column]))

    ingest([cool(check, -90), cool(other, 0)], now=now)
    assert Alert.objects.get().status == "firing"
    ingest([cool(check, 0), cool(other, 1)], now=now)
    assert Alert.objects.get().status == "resolved"


@pytest.mark.parametrize("out_of_service", ["check", "device"])
def test_what_is_out_of_service_opens_no_alert(
    check: Check, device: Device, now: float, out_of_service: str
) -> None:
    Rule.objects.create(name="Busy", metric="cpu.usage", threshold=50)
    if out_of_service == "check":
        Check.objects.update(enabled=False)
    else:
        Device.objects.update(status=Device.Status.RETIRED)
    readings = Readings([Column("cpu.usage", SCALAR, (99.0,))])
    assert ingest([SweepInput(check.pk, now, readings)], now=now).accepted == 1
    assert not Alert.objects.exists()
