"""The month before: lines that join the present and stay within what a metric can be."""

import time

import numpy as np
import pytest

from inventory.models import Device
from itim.demo import past
from monitoring.ingest import SweepInput, ingest
from monitoring.models import Check
from monitoring.store import store
from probes.readings import Column, Readings

pytestmark = pytest.mark.django_db


def test_a_share_is_never_above_a_hundred_percent() -> None:
    device = Device.objects.create(name="zrh-web-1", address="127.64.0.17")
    check = Check.objects.create(device=device, kind="snmp")
    now = time.time() // 60 * 60
    readings = Readings([Column("cpu.usage", ("",), (99.0,)), Column("cpu.load1", ("",), (99.0,))])
    ingest([SweepInput(check.pk, now, readings)], now=now)
    slots = dict(check.series.values_list("metric", "slot"))
    past.write([check], now)
    for span in (3600, 86_400, 20 * 86_400):
        found = store.read(check.pk, 0, [slots["cpu.usage"], slots["cpu.load1"]], now - span, now)
        assert np.nanmax(found.max[0]) <= 100 < np.nanmax(found.max[1])
