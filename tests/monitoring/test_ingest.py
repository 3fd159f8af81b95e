"""A sweep's way from readings to rows and alerts."""

from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection

from inventory.models import Device, Interface, Site
from monitoring import layout
from monitoring.ingest import Report, SweepInput, ingest
from monitoring.models import Alert, AlertEvent, Check, Poller, Rule, Series
from monitoring.store import PART, store
from probes.readings import SCALAR, Column, Readings

Feed = Callable[..., Report]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rules(db: None) -> None:
    Rule.objects.all().delete()


def current(check: Check) -> dict[str, float]:
    latest = store.latest([check.pk])
    return {
        f"{one.metric} {one.instance}".strip(): float(latest[check.pk, one.part].values[one.slot])
        for one in Series.objects.filter(source=check)
        if one.slot < len(latest[check.pk, one.part].values)
    }


def test_gauges_counters_and_the_check_itself(check: Check, feed: Feed, now: float) -> None:
    feed(-60, {"if.in.octets": {"ge1": 1000, "ge2": 5}, "cpu.usage": {"": 20.5}})
    first = current(check)
    assert first["check.up"] == 1
    assert first["cpu.usage"] == 20.5
    assert np.isnan(first["if.in.octets ge1"])
    feed(0, {"if.in.octets": {"ge1": 7000, "ge2": 5}, "cpu.usage": {"": 21}})
    second = current(check)
    assert second["if.in.octets ge1"] == 100
    assert second["if.in.octets ge2"] == 0
    check.refresh_from_db()
    assert (check.status, check.last_run.timestamp(), check.slots) == ("ok", now, 5)


def test_counters_are_exact_to_their_last_bit(check: Check, feed: Feed) -> None:
    feed(-60, {"if.in.octets": {"ge1": 2**64 - 121}})
    feed(0, {"if.in.octets": {"ge1": 2**64 - 61}})
    assert current(check)["if.in.octets ge1"] == 1


def test_a_reboot_costs_one_rate(check: Check, feed: Feed) -> None:
    feed(-120, {"if.in.octets": {"ge1": 4000}}, uptime=9000)
    report = feed(-60, {"if.in.octets": {"ge1": 5000}}, uptime=20)
    assert report.rebooted == {check.pk}
    assert np.isnan(current(check)["if.in.octets ge1"])
    feed(0, {"if.in.octets": {"ge1": 5600}}, uptime=80)
    assert current(check)["if.in.octets ge1"] == 10


def test_rates_go_on_over_a_failed_sweep(check: Check, feed: Feed) -> None:
    feed(-120, {"if.in.octets": {"ge1": 0}})
    feed(-60, error="timeout")
    check.refresh_from_db()
    assert (check.status, check.last_error) == ("failed", "timeout")
    feed(0, {"if.in.octets": {"ge1": 1200}})
    assert current(check)["if.in.octets ge1"] == 10


def test_new_instances_get_places_and_old_ones_keep_theirs(check: Check, feed: Feed) -> None:
    feed(-120, {"temperature": {"cpu": 40, "psu": 30}})
    feed(-60, {"temperature": {"board": 20, "psu": 31, "cpu": 41}})
    assert {key: value for key, value in current(check).items() if "temp" in key} == {
        "temperature cpu": 41,
        "temperature psu": 31,
        "temperature board": 20,
    }
    layout._kept.clear()  # another process
    feed(0, {"temperature": {"board": 21, "fan": 22}})
    assert current(check)["temperature fan"] == 22
    assert list(Series.objects.filter(source=check).values_list("slot", flat=True)) == [0, 1, 2, 3, 4, 5]


def test_many_series_are_spread_over_parts(check: Check, feed: Feed) -> None:
    values = {f"port {number}": float(number) for number in range(600)}
    feed(0, {"if.speed": values})
    found = current(check)
    assert [found[f"if.speed port {number}"] for number in range(600)] == list(values.values())
    assert {part for _, part in store.latest([check.pk])} == {0, 1, 2}
    assert max(len(one.values) for one in store.latest([check.pk]).values()) == PART


def test_series_over_the_limit_are_counted(check: Check, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST", 5)
    report = feed(0, {"temperature": {f"s{number}": float(number) for number in range(10)}})
    assert report.refused_series == 7
    assert current(check)["temperature s2"] == 2
    assert Poller.objects.get(name="default").refused_series == 7


@pytest.mark.parametrize("name", ["a\x00b", "x" * 400, "\ud800", "  \n", "ε€😀"])
def test_names_from_outside_are_made_storable(check: Check, feed: Feed, name: str) -> None:
    feed(-60, {"temperature": {name: 1}})
    feed(0, {"temperature": {name: 2}})
    assert list(current(check).values())[2:] == [2]


@pytest.mark.parametrize("value", [-1, 2**64, 10**30, 1.5, "7", None, True, float("inf")])
def test_values_that_are_no_counters(check: Check, feed: Feed, value: object) -> None:
    feed(-60, {"if.in.octets": {"ge1": 10, "ge2": 10}})
    feed(0, {"if.in.octets": {"ge1": value, "ge2": 70}})
    assert np.isnan(current(check)["if.in.octets ge1"])
    assert current(check)["if.in.octets ge2"] == 1


@pytest.mark.parametrize("value", [None, "x", float("inf"), 10**400])
def test_values_that_are_no_gauges(check: Check, feed: Feed, value: object) -> None:
    feed(0, {"temperature": {"a": value, "b": 3}})
    assert np.isnan(current(check)["temperature a"])
    assert current(check)["temperature b"] == 3


@pytest.mark.parametrize(
    ("offset", "reason"),
    [(400, "from the future"), (-27 * 3600, "too old"), (float("nan"), "from the future")],
)
def test_times_that_cannot_be(check: Check, feed: Feed, offset: float, reason: str) -> None:
    assert feed(offset, {"cpu.usage": {"": 1}}).refused == [(0, reason)]
    assert Poller.objects.get(name="default").refused_sweeps == 1
    assert not store.latest([check.pk])


def test_duplicates_are_counted_and_change_nothing(check: Check, feed: Feed) -> None:
    feed(-60, {"if.in.octets": {"ge1": 0}})
    feed(0, {"if.in.octets": {"ge1": 60}})
    report = feed(0, {"if.in.octets": {"ge1": 999}})
    assert (report.accepted, report.duplicates) == (0, 1)
    assert current(check)["if.in.octets ge1"] == 1


def test_a_late_sweep_is_stored_but_not_the_latest(check: Check, feed: Feed, now: float) -> None:
    feed(0, {"cpu.usage": {"": 5}})
    assert feed(-300, {"cpu.usage": {"": 3}}).accepted == 1
    assert current(check)["cpu.usage"] == 5
    points = store.read(check.pk, 0, [2], now - 600, now + 60)
    assert points.mean[0].tolist() == [3, 5]


def test_a_spool_of_sweeps_in_one_batch(check: Check, now: float) -> None:
    sweeps = [
        SweepInput(check.pk, now - 60 * age, Readings([Column("if.in.octets", ("e",), (6000 - 600 * age,))]))
        for age in (3, 1, 2, 0)
    ]
    assert ingest(sweeps, now=now).accepted == 4
    points = store.read(check.pk, 0, [2], now - 600, now + 60)
    assert points.mean[0].tolist()[1:] == [10, 10, 10]


def test_a_check_that_is_gone(now: float) -> None:
    assert ingest([SweepInput(4711, now, Readings())], now=now).refused == [(0, "the check is gone")]


def test_an_error_leaves_nothing_half_written(
    check: Check, feed: Feed, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(-60, {"temperature": {"a": 1}})

    def fail(*args: object) -> None:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("monitoring.store.previous.save", fail)
        with pytest.raises(RuntimeError):
            feed(0, {"temperature": {"a": 2, "b": 3}})
    assert Series.objects.filter(source=check).count() == 3
    feed(0, {"temperature": {"c": 3}})
    assert current(check)["temperature c"] == 3


def rule(**options: object) -> Rule:
    defaults = {
        "name": "Hot",
        "metric": "temperature",
        "threshold": 50,
        "recovery": 45,
        "severity": "critical",
    }
    return Rule.objects.create(**{**defaults, **options})


def test_a_rule_fires_and_resolves_with_events(check: Check, device: Device, feed: Feed) -> None:
    rule()
    feed(-180, {"temperature": {"cpu": 60}})
    alert = Alert.objects.get()
    assert (alert.status, alert.instance, alert.severity, alert.device) == (
        "firing",
        "cpu",
        "critical",
        device,
    )
    assert alert.text == "Temperature cpu is 60 °C (limit 50 °C)"
    feed(-120, {"temperature": {"cpu": 47}})
    feed(-60, {"temperature": {"cpu": 45}})
    alert.refresh_from_db()
    assert alert.status == "resolved"
    kinds = list(AlertEvent.objects.filter(processed_at=None).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["fired", "resolved"]


def test_pending_ones_leave_no_trace(check: Check, feed: Feed) -> None:
    rule(for_seconds=90)
    feed(-180, {"temperature": {"cpu": 60}})
    assert list(Alert.objects.values_list("status", flat=True)) == ["pending"]
    feed(-120, {"temperature": {"cpu": 40}})
    assert not Alert.objects.exists()
    feed(-60, {"temperature": {"cpu": 60}})
    feed(30, {"temperature": {"cpu": 60}})
    assert Alert.objects.get().status == "firing"


def test_an_interface_that_was_up_goes_down(check: Check, device: Device, feed: Feed) -> None:
    rule(name="Down", metric="if.up", operator="==", threshold=0, recovery=None, only_after_ok=True)
    port = Interface.objects.create(device=device, name="ge1")
    feed(-180, {"if.up": {"ge1": 1, "ge2": 0, "ge3": None}})
    feed(-120, error="timeout")
    feed(-60, {"if.up": {"ge1": 0, "ge2": 0, "ge3": 0}})
    alert = Alert.objects.get()
    assert (alert.interface, alert.text) == (port, "Interface ge1 is down")
    feed(0, {"if.up": {"ge1": None, "ge2": 0, "ge3": 0}})  # shut on purpose
    alert.refresh_from_db()
    assert alert.status == "resolved"


def test_a_device_that_does_not_answer(check: Check, feed: Feed) -> None:
    rule(name="Down", metric="check.up", operator="==", threshold=0, recovery=None)
    feed(-60, error="no response within 2 s")
    assert Alert.objects.get().text == "No answer: no response within 2 s"


@pytest.mark.parametrize("chosen", [True, False])
def test_selectors_pick_devices(check: Check, device: Device, feed: Feed, chosen: bool) -> None:
    site = Site.objects.create(name="HQ")
    other = Site.objects.create(name="Branch")
    Device.objects.filter(pk=device.pk).update(site=site if chosen else other)
    rule(selector={"site": [site.pk], "status": ["active"]})
    feed(0, {"temperature": {"cpu": 60}})
    assert Alert.objects.exists() is chosen


def test_a_flapping_alert_says_so(check: Check, feed: Feed) -> None:
    rule()
    for number in range(7):
        feed(-60 * (8 - number), {"temperature": {"cpu": 60 if number % 2 == 0 else 40}})
    assert Alert.objects.filter(flapping=True, status="firing").count() == 1
    assert AlertEvent.objects.filter(kind="flapping").count() == 1


def test_old_sweeps_raise_no_alert(check: Check, feed: Feed) -> None:
    rule()
    feed(-3600, {"temperature": {"cpu": 60}})
    assert not Alert.objects.exists()


def test_the_number_of_queries_does_not_grow(
    device: Device, now: float, django_assert_max_num_queries: Callable[..., object]
) -> None:
    rule()
    checks = [Check.objects.create(device=device, kind="snmp", name=str(number)) for number in range(30)]
    with django_assert_max_num_queries(25):
        ingest(
            [
                SweepInput(one.pk, now, Readings([Column("temperature", ("a", "b"), (60, 60.5))]))
                for one in checks
            ],
            now=now,
        )
    assert Alert.objects.count() == 60


def test_sweeps_survive_in_the_wire_format(check: Check, feed: Feed, now: float) -> None:
    feed(0, {"cpu.usage": {"": 0.1}})
    with connection.cursor() as cursor:
        cursor.execute('SELECT part, "values" FROM monitoring_sweep WHERE check_id = %s', [check.pk])
        assert cursor.fetchall() == [(0, [1.0, 0.1, 0.1])]
    assert SCALAR == ("",)
