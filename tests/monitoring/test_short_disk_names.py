"""The migration that gives Windows disks their short names: lines, alerts and plans go on under them."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from inventory.models import Device
from monitoring.models import Alert, Check, Series

pytestmark = pytest.mark.django_db
shorten = import_module("monitoring.migrations.0009_short_disk_names").shorten
OLD, NEW = "D:\\ Label:Data  Serial Number 4e1", "D:\\ Label:Data  Serial Number 7a3"


def lines(check: Check, *names: str, metric: str = "disk.usage") -> None:
    for name in names:
        slot = Series.objects.filter(source=check).count()
        Series.objects.create(source=check, part=0, slot=slot, metric=metric, instance=name)


@pytest.fixture
def check() -> Check:
    plan = {"points": [["1.2.1", "disk.usage", NEW, 1.0], ["1.2.2", "disk.usage", "/", 1.0, {"base": 1}]]}
    return Check.objects.create(device=Device.objects.create(name="files"), kind="snmp", plan=plan)


def names(check: Check) -> dict[int, str]:
    return dict(Series.objects.filter(source=check).values_list("slot", "instance"))


def test_lines_alerts_and_points_are_renamed_together(check: Check) -> None:
    lines(check, NEW, "/")
    lines(check, NEW, metric="disk.used")
    alert = Alert.objects.create(
        device=check.device,
        source=check,
        metric="disk.usage",
        instance=NEW,
        severity="warning",
        started_at=timezone.now(),
        text="full",
    )
    before = check.updated_at
    shorten(apps, None)
    check.refresh_from_db()
    alert.refresh_from_db()
    assert names(check) == {0: "D:\\ Data", 1: "/", 2: "D:\\ Data"}
    assert alert.instance == "D:\\ Data"
    assert [point[2:] for point in check.plan["points"]] == [["D:\\ Data", 1.0], ["/", 1.0, {"base": 1}]]
    assert check.updated_at > before


def test_of_two_disks_of_one_name_the_newer_line_takes_it(check: Check) -> None:
    lines(check, OLD, NEW)
    shorten(apps, None)
    assert names(check) == {0: OLD, 1: "D:\\ Data"}
    shorten(apps, None)
    assert names(check) == {0: OLD, 1: "D:\\ Data"}


def test_a_name_that_is_taken_stays(check: Check) -> None:
    lines(check, NEW, "D:\\ Data", "x Serial Number 5")
    shorten(apps, None)
    assert names(check) == {0: NEW, 1: "D:\\ Data", 2: "x Serial Number 5"}
    assert check.plan["points"][0][2] == NEW
