"""What is hit when a thing goes down and what it needs: on the pages of devices and services."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import User
from inventory import impact
from inventory.models import Dependency, Device, Service
from monitoring.models import Check
from tests.core.resource_kit import administrator
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db
Thing = Device | Service


def needs(thing: Thing, *others: Thing) -> None:
    for other in others:
        sides = {("device" if isinstance(thing, Device) else "service"): thing}
        sides["on_device" if isinstance(other, Device) else "on_service"] = other
        Dependency.objects.create(**sides)


@pytest.fixture
def chain() -> dict[str, Thing]:
    """core ← access ← server ← Mail ← Portal, and a printer on the access switch."""
    devices = {name: Device.objects.create(name=name) for name in ("core", "access", "server", "printer")}
    services = {name: Service.objects.create(name=name) for name in ("Mail", "Portal")}
    things: dict[str, Thing] = {**devices, **services}
    for above, below in pairwise(("core", "access", "server", "Mail", "Portal")):
        needs(things[below], things[above])
    needs(things["printer"], things["access"])
    return things


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


def panel(client: Client, thing: Thing) -> str:
    kind = "devices" if isinstance(thing, Device) else "services"
    page = client.get(f"/inventory/{kind}/{thing.pk}/").content.decode()
    return page.partition('id="dependencies"')[2].partition('class="panel"')[0]


def halves(client: Client, thing: Thing) -> tuple[str, str]:
    """What is hit, what it needs."""
    hit, _, needed = panel(client, thing).partition('aria-label="It needs"')
    return hit, needed


def test_the_whole_chain_is_hit(admin: Client, chain: dict[str, Thing]) -> None:
    hit, needed = halves(admin, chain["core"])
    assert "2 services, 3 devices" in hit
    for name in ("access", "server", "printer", "Mail", "Portal"):
        assert f">{name}</a>" in hit
    assert "Nothing is known that it needs" in needed


def test_a_service_shows_both_ways_down_to_the_core(admin: Client, chain: dict[str, Thing]) -> None:
    hit, needed = halves(admin, chain["Mail"])
    assert "1 service<" in hit and ">Portal</a>" in hit
    assert "3 devices" in needed
    assert needed.index(">server</a>") < needed.index(">access</a>") < needed.index(">core</a>")
    assert f"/inventory/devices/{chain['core'].pk}/" in needed
    assert f"/inventory/dependencies/add/?service={chain['Mail'].pk}" in needed


def test_loops_end_and_each_thing_stands_once(chain: dict[str, Thing]) -> None:
    needs(chain["core"], chain["Portal"])
    found = impact.reach(Dependency.objects.all(), ("device", chain["core"].pk), down=True)
    assert len(found.nodes) == len(set(found.nodes)) == 5 and found.complete


def test_what_is_reached_by_two_ways_stands_below_both(admin: Client, chain: dict[str, Thing]) -> None:
    second = Device.objects.create(name="second")
    needs(second, chain["core"])
    needs(chain["server"], second)
    _, needed = halves(admin, chain["server"])
    assert "3 devices" in needed
    assert needed.count(f"/inventory/devices/{chain['core'].pk}/") == 2


def test_two_ways_to_the_same_kind_of_rows_have_names_of_their_own(
    admin: Client, chain: dict[str, Thing]
) -> None:
    labels = [head["label"] for head in admin.get("/inventory/services/").context["heads"]]
    assert "Depends on" in labels and "Dependents" in labels
    related = admin.get(f"/inventory/services/{chain['Mail'].pk}/").context["related"]
    assert [(one["label"], one["count"]) for one in related] == [("Depends on", 1), ("Dependents", 1)]


def test_what_is_too_large_says_so(chain: dict[str, Thing], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact, "MOST", 2)
    found = impact.reach(Dependency.objects.all(), ("device", chain["core"].pk), down=True)
    assert not found.complete


def test_trouble_stands_first_and_is_said(admin: Client, chain: dict[str, Thing]) -> None:
    for name in ("aaa", "zzz"):
        needs(Device.objects.create(name=name), chain["core"])
    check = make.check(Device.objects.get(name="zzz"))
    Check.objects.filter(pk=check.pk).update(last_run=timezone.now())
    hit, _ = halves(admin, chain["core"])
    assert hit.index(">zzz</a>") < hit.index(">aaa</a>")
    assert "Down" in hit.partition(">zzz</a>")[2][:900]


def test_many_are_counted_and_lead_to_their_list(admin: Client, chain: dict[str, Thing]) -> None:
    for number in range(30):
        needs(Device.objects.create(name=f"host-{number:02}"), chain["printer"])
    hit, _ = halves(admin, chain["printer"])
    assert "30 devices" in hit and "and 22 more" in hit
    assert f"/inventory/dependencies/?on_device={chain['printer'].pk}" in hit


def test_queries_do_not_grow_with_the_number_of_things(admin: Client, chain: dict[str, Thing]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            panel(admin, chain["core"])
        return len(found)

    queries()
    before = queries()
    for number in range(20):
        needs(Device.objects.create(name=f"host-{number:02}"), chain["access"])
    assert queries() <= before


def test_names_that_one_may_not_see_stay_hidden(
    client: Client, chain: dict[str, Thing], person: Callable[..., User], allow: Callable[..., object]
) -> None:
    user = person("ann")
    allow(user, "inventory.device", ["view"], {"name__in": ["core", "server"]})
    allow(user, "inventory.dependency", ["view"])
    client.force_login(user)
    hit, _ = halves(client, chain["core"])
    assert ">server</a>" in hit and "hidden" in hit
    assert not any(name in hit for name in ("access", "printer", "Mail", "Portal"))


def test_edges_that_one_may_not_see_lead_nowhere(
    client: Client, chain: dict[str, Thing], person: Callable[..., User], allow: Callable[..., object]
) -> None:
    user = person("ann")
    allow(user, "inventory.device", ["view"])
    client.force_login(user)
    assert panel(client, chain["core"]) == ""


def test_a_service_says_whether_trouble_lies_below_it(admin: Client, chain: dict[str, Thing]) -> None:
    mail = f"/inventory/services/{chain['Mail'].pk}/"
    Service.objects.create(name="Unmapped")
    assert "No open alert on the 3 devices that it needs" in admin.get(mail).content.decode()
    assert "Affected" not in admin.get("/inventory/services/").content.decode()
    make.fire(chain["core"])  # type: ignore[arg-type]
    page = admin.get(mail).content.decode()
    assert "Affected" in page and "check.up is wrong" in page
    listed = admin.get("/inventory/services/").content.decode()
    assert listed.count("Affected") == 2


def test_an_alert_says_what_hangs_on_its_device(admin: Client, chain: dict[str, Thing]) -> None:
    alert = make.fire(chain["server"])  # type: ignore[arg-type]
    page = admin.get(f"/monitoring/alerts/{alert.pk}/").content.decode()
    hit = page.partition("What hangs on the device")[2].partition("What happened")[0]
    assert "2 services" in hit and ">Mail</a>" in hit and ">Portal</a>" in hit
    lonely = make.fire(make.device("lonely"))
    assert "What hangs on the device" not in admin.get(f"/monitoring/alerts/{lonely.pk}/").content.decode()
