"""The overview's cards and the device page's panels: what they say, to whom, and at what cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Permission, Role, User
from inventory.models import Dependency, Device, Interface, Service, Site
from monitoring import tops
from monitoring.ingest import SweepInput, ingest
from monitoring.models import Alert, Check, Top
from probes.readings import Column, Readings
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db
LISTS = ("/inventory/devices/", "/inventory/interfaces/")
INSTANCES = ("eth0", "eth1", "eth2")


@pytest.fixture
def admin() -> User:
    return User.objects.create_superuser("root", "root@example.net", "x")


@pytest.fixture
def limited() -> User:
    """Sees the devices of the site Lisbon, and their checks and alerts."""
    user = User.objects.create_user("lia", "lia@example.net", "x")
    role = Role.objects.create(name="Lisbon")
    for resource, path in (
        ("inventory.device", "site__name"),
        ("inventory.interface", "device__site__name"),
        ("monitoring.check", "device__site__name"),
        ("monitoring.alert", "device__site__name"),
    ):
        Permission.objects.create(role=role, resource=resource, actions=["view"], constraint={path: "Lisbon"})
    user.roles.add(role)
    return user


def page(user: User, path: str, **headers: Any) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content[:2000]
    return answer.content.decode()


def device(name: str, site: Site | None = None, disk: float = 50.0) -> Device:
    """A polled device with two sweeps: a disk, a processor, three interfaces."""
    made = Device.objects.create(name=name, site=site, address="192.0.2.1")
    check = Check.objects.create(device=made, kind="snmp")
    Interface.objects.bulk_create(
        Interface(device=made, name=one, speed=10_000_000, oper_up=True) for one in INSTANCES
    )
    now = timezone.now().timestamp()
    for at, octets in ((now - 70, 0), (now - 10, 60 * 125_000)):
        columns = [
            Column("disk.usage", ("/",), (disk,)),
            Column("cpu.usage", ("",), (7.0,)),
            Column("if.in.octets", INSTANCES, (octets, 0, 0)),
            Column("if.out.octets", INSTANCES, (0, 0, 0)),
        ]
        ingest([SweepInput(check.pk, at, Readings(columns, duration=0.1, uptime=at))])
    return made


def queries(visit: Callable[[], Any]) -> int:
    visit()
    with CaptureQueriesContext(connection) as captured:
        visit()
    return len(captured)


def test_empty_overview_tells_what_to_do_next(admin: User) -> None:
    text = page(admin, "/")
    assert "Nothing is watched yet" in text
    assert "/inventory/devices/add/" in text and "/inventory/devices/import/" in text


def test_overview_needs_a_login() -> None:
    assert Client().get("/").status_code == 302


def test_a_person_without_roles_sees_nothing() -> None:
    device("secret-switch")
    tops.refresh()
    make.fire(Device.objects.get())
    text = page(User.objects.create_user("nobody", "n@example.net", "x"), "/")
    assert "secret" not in text and "nothing here that you may see" in text


def test_overview_shows_the_worst_alert_of_each_device(admin: User) -> None:
    first, second = device("sw1"), device("sw2")
    make.fire(first, severity="warning", metric="cpu.usage")
    worst = make.fire(first, severity="critical", metric="disk.usage")
    Alert.objects.filter(pk=worst.pk).update(text="The disk is full")
    make.fire(second, severity="info", metric="memory.usage")
    text = page(admin, "/")
    assert text.index("The disk is full") < text.index("memory.usage is wrong")
    assert "and 1 more" in text and "cpu.usage is wrong" not in text


def test_explained_and_snoozed_alerts_are_not_listed_but_counted(admin: User) -> None:
    root, behind, asleep = device("root-sw"), device("behind-sw"), device("asleep-sw")
    cause = make.fire(root)
    Alert.objects.filter(pk=make.fire(behind).pk).update(suppressed_by=cause, text="behind is dark")
    later = timezone.now() + timedelta(hours=1)
    Alert.objects.filter(pk=make.fire(asleep).pk).update(snoozed_until=later, text="asleep is dark")
    text = page(admin, "/")
    assert "explains 1 other device" in text
    assert "behind is dark" not in text and "asleep is dark" not in text
    assert "1 explained" in text and "1 snoozed" in text


def test_services_that_need_a_broken_device_are_named(admin: User) -> None:
    broken = device("db-1")
    databases, shop, office = (Service.objects.create(name=name) for name in ("Databases", "Shop", "Office"))
    Dependency.objects.create(service=databases, on_device=broken)
    Dependency.objects.create(service=shop, on_service=databases)
    Dependency.objects.create(service=databases, on_service=shop)  # a loop ends too
    make.fire(broken)
    text = page(admin, "/")
    assert "Services affected" in text
    card = text.split("Services affected")[1].split("</section>")[0]  # "what changed" names all three as new
    assert "Databases" in card and "Shop" in card
    assert f"/inventory/services/{office.pk}/" not in card


def test_summary_keeps_the_worst_and_what_is_beyond_the_floor(admin: User) -> None:
    made = device("sw1", disk=96.5)
    tops.refresh()
    disk = Top.objects.get(device=made, meter="disk")
    assert (disk.value, disk.instance) == (96.5, "/")
    busiest = Top.objects.filter(device=made, meter="traffic").order_by("rank")
    assert [(one.instance, round(one.value, 3)) for one in busiest] == [("eth0", 10.0)]
    text = page(admin, "/")
    assert "96.5%" in text and "Close to its limit" in text


def test_summary_forgets_what_is_gone() -> None:
    made = device("sw1")
    tops.refresh()
    Check.objects.filter(device=made).update(enabled=False)
    tops.refresh()
    assert not Top.objects.exists()


@pytest.mark.parametrize(
    ("value", "slope", "days"),
    [(90, 1.0, 10), (90, 0.0, None), (90, -1, None), (90, None, None), (50, 0.05, None), (101, 1, 0)],
)
def test_days_until_full(value: float, slope: float | None, days: float | None) -> None:
    assert tops.days_until(tops.METERS["disk"], value, slope) == days


def test_limits_follow_permissions_on_overview_and_ranking(limited: User) -> None:
    device("zurich-sw", Site.objects.create(name="Zurich"), disk=99)
    mine = device("lisbon-sw", Site.objects.create(name="Lisbon"), disk=88)
    for one in Device.objects.all():
        make.fire(one, metric="disk.usage")
    tops.refresh()
    for path in (
        "/",
        "/monitoring/top/",
        "/monitoring/top/?metric=cpu.usage",
        "/monitoring/devices/?state=up",
    ):
        text = page(limited, path)
        assert "lisbon-sw" in text and "zurich-sw" not in text, path
    assert "Down" in page(limited, "/")
    assert page(limited, f"/inventory/devices/{mine.pk}/")


@pytest.mark.parametrize("part", ["vitals/", "interfaces/", "readings/"])
def test_parts_of_a_device_one_may_not_see_are_not_found(limited: User, part: str) -> None:
    hidden = device("zurich-sw", Site.objects.create(name="Zurich"))
    client = Client()
    client.force_login(limited)
    assert client.get(f"/monitoring/devices/{hidden.pk}/{part}").status_code == 404
    assert client.get(f"/inventory/devices/{hidden.pk}/").status_code == 404


def test_query_count_of_the_overview_does_not_grow(admin: User) -> None:
    for number in range(2):
        make.fire(device(f"a{number}"), metric="disk.usage")
    tops.refresh()
    few = queries(lambda: page(admin, "/"))
    site = Site.objects.create(name="Lisbon")
    for number in range(9):
        make.fire(device(f"b{number}", site), metric="disk.usage")
    tops.refresh()
    assert queries(lambda: page(admin, "/")) <= few


def test_query_count_of_the_device_page_does_not_grow(admin: User) -> None:
    made = device("sw1")
    few = {path: queries(lambda path=path: page(admin, path)) for path in device_paths(made)}
    for number in range(20):
        Interface.objects.create(device=made, name=f"more{number}")
        make.fire(made, metric="disk.usage", instance=f"/{number}")
        Dependency.objects.create(device=Device.objects.create(name=f"leaf{number}"), on_device=made)
    for path, before in few.items():
        # alerts bring a prefetch, dependencies their names: a constant, not one a row
        assert queries(lambda path=path: page(admin, path)) <= before + 3, path


def device_paths(made: Device) -> list[str]:
    base = f"/monitoring/devices/{made.pk}"
    return [f"/inventory/devices/{made.pk}/", f"{base}/vitals/", f"{base}/interfaces/", f"{base}/readings/"]


def test_device_without_data_says_what_comes_next(admin: User) -> None:
    bare = Device.objects.create(name="bare")
    assert "Not monitored" in page(admin, f"/inventory/devices/{bare.pk}/")
    Check.objects.create(device=bare, kind="ping")
    assert "first run within a minute" in page(admin, f"/inventory/devices/{bare.pk}/")


def test_device_that_does_not_answer_says_why(admin: User) -> None:
    made = device("sw1")
    now = timezone.now().timestamp()
    check = made.checks.get()
    ingest([SweepInput(check.pk, now - 1, Readings([], error="no answer within 2 s"))])
    text = page(admin, f"/inventory/devices/{made.pk}/")
    assert "Down" in text and "no answer within 2 s" in text


def test_interfaces_show_rates_and_can_be_narrowed(admin: User) -> None:
    made = device("sw1")
    Interface.objects.filter(name="eth1").update(oper_up=False, alias="<b>to the roof</b>")
    path = f"/monitoring/devices/{made.pk}/interfaces/"
    text = page(admin, path)
    assert "1\N{NO-BREAK SPACE}Mbit/s" in text and "10%" in text
    assert "&lt;b&gt;to the roof" in text and "<b>to the roof" not in text
    text = page(admin, f"{path}?only=down", **{"HX-Request": "true"})
    assert "eth1" in text and "eth0" not in text and "<html" not in text
    assert "eth2" not in page(admin, f"{path}?port=roof")


@pytest.mark.parametrize("query", ["meter=nonsense", "metric=nonsense"])
def test_unknown_rankings_are_not_found(admin: User, query: str) -> None:
    client = Client()
    client.force_login(admin)
    assert client.get(f"/monitoring/top/?{query}").status_code == 404


def test_lists_show_health_and_small_lines_at_constant_cost(admin: User, limited: User) -> None:
    site = Site.objects.create(name="Lisbon")
    device("sw0", site)
    few = {path: queries(lambda path=path: page(admin, path)) for path in LISTS}
    for number in range(1, 6):
        device(f"sw{number}", site)
    for path, before in few.items():
        assert queries(lambda path=path: page(admin, path)) <= before, path
        assert page(admin, path).count('class="spark"') >= 6, path
    text = page(limited, LISTS[0])
    assert "Up</span>" in text and 'class="spark"' in text
