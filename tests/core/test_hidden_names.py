"""The name of an object that one may not see stands nowhere: pages, API, export, search, history, alerts."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from core import history
from core.models import Tag, User
from inventory.models import Device, Interface, IPAddress, Site
from monitoring.models import Alert, AlertEvent, Check

pytestmark = pytest.mark.django_db
SECRET = "hushhush"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def world(person: Callable[..., User]) -> dict[str, object]:
    """Two devices; one, its site and a tag are secret, but what points at them may be seen."""
    boss = person("boss", "administrator")
    with history.context(user=boss):
        here, hidden = Site.objects.create(name="Here"), Site.objects.create(name=f"Site-{SECRET}")
        tag = Tag.objects.create(name=f"tag-{SECRET}")
        known = Device.objects.create(name="known", site=here)
        secret = Device.objects.create(name=f"device-{SECRET}", site=hidden, serial=f"sn-{SECRET}")
        ports = [Interface.objects.create(device=one, name="eth0") for one in (known, secret)]
        address = IPAddress.objects.create(address="10.1.1.1/24", interface=ports[1])
        known.site = hidden  # moved there: the device stays visible by its name
        known.save()
        known.tags.add(tag)
        check = Check.objects.create(device=secret, kind="ping")
    alert = Alert.objects.create(
        device=secret,
        source=check,
        metric="cpu.usage",
        severity="critical",
        status="firing",
        text="too hot",
        started_at=timezone.now(),
    )
    AlertEvent.objects.create(alert=alert, kind="fired", at=timezone.now())
    return {"known": known, "secret": secret, "ports": ports, "address": address, "check": check,
            "alert": alert, "site": hidden, "tag": tag}  # fmt: skip


@pytest.fixture
def ann(person: Callable[..., User], allow: Callable[..., object]) -> Client:
    user = person("ann")
    allow(user, "inventory.device", ["view", "change"], {"name": "known"})
    allow(user, "inventory.site", ["view"], {"name": "Here"})
    allow(user, "core.tag", ["view"], {"name": "none"})
    for model in ("interface", "ipaddress"):
        allow(user, f"inventory.{model}", ["view"])
    for model in ("check", "alert", "alertevent", "series"):
        allow(user, f"monitoring.{model}", ["view"])
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


ADDRESSES = (
    "/",
    "/history/",
    "/history/?model=inventory.device",
    "/inventory/devices/",
    "/inventory/devices/{known.pk}/",
    "/inventory/devices/{known.pk}/edit/",
    "/inventory/devices/?columns=name,site,site__name,tags",
    "/inventory/devices/export/?format=csv",
    "/inventory/devices/export/?format=csv&columns=name,site__name,site,tags",
    "/inventory/interfaces/",
    "/inventory/interfaces/?columns=name,device,device__name,device__site,device__site__name,device__serial",
    "/inventory/interfaces/{ports[1].pk}/",
    "/inventory/interfaces/export/?format=csv",
    "/inventory/interfaces/export/?format=csv&columns=device,name,device__name,device__site",
    "/inventory/ip-addresses/",
    "/inventory/ip-addresses/?columns=address,interface__device,interface__device__name",
    "/inventory/ip-addresses/{address.pk}/",
    "/inventory/ip-addresses/export/?format=csv&columns=address,interface,interface__device",
    "/monitoring/checks/",
    "/monitoring/checks/{check.pk}/",
    "/monitoring/alerts/",
    "/monitoring/top/",
    "/choices/interfaces/",
    "/choices/interfaces/?q=eth0",
    "/choices/devices/?q=" + SECRET,
    "/search/?q=eth0&format=json",
    "/search/?q=10.1.1.1&format=json",
    "/api/v1/devices/",
    "/api/v1/devices/{known.pk}/",
    "/api/v1/interfaces/",
    "/api/v1/interfaces/{ports[1].pk}/",
    "/api/v1/ip-addresses/",
    "/api/v1/checks/",
    "/api/v1/alerts/",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_names_it(world: dict[str, object], ann: Client, address: str) -> None:
    answer = ann.get(address.format(**world))
    assert answer.status_code == 200, address
    body = b"".join(answer) if answer.streaming else answer.content
    assert SECRET not in body.decode()


def test_its_keeper_sees_all_the_names(world: dict[str, object]) -> None:
    """Else the test above could not fail."""
    client = Client()
    client.force_login(User.objects.get(username="boss"), backend=BACKEND)
    for address in ADDRESSES:
        answer = client.get(address.format(**world))
        body = (b"".join(answer) if answer.streaming else answer.content).decode()
        unnamed = ("/monitoring/top/", "/inventory/ip-addresses/{", "/api/v1/ip-addresses/", "/search/?q=10.")
        assert address.startswith(unnamed) or SECRET in body, address


def test_history_says_hidden(world: dict[str, object], ann: Client) -> None:
    page = ann.get(f"/inventory/devices/{world['known'].pk}/").content.decode()  # type: ignore[attr-defined]
    assert f"hidden #{world['site'].pk}" in page  # type: ignore[attr-defined]
    assert "+ hidden" in page


@pytest.mark.parametrize(
    "query",
    [
        f"/api/v1/checks/?q={SECRET}",
        f"/api/v1/alerts/?q={SECRET}",
        "/api/v1/interfaces/?device__site={site.pk}",
    ],
)
def test_words_and_filters_find_nothing_through_it(world: dict[str, object], ann: Client, query: str) -> None:
    answer = ann.get(query.format(**world))
    assert answer.status_code == 400 or answer.json()["count"] == 0


def test_a_filter_through_a_hidden_object_finds_nothing(
    world: dict[str, object], ann: Client, allow: Callable[..., object]
) -> None:
    """The site may be seen now, the device that stands there may not."""
    allow(User.objects.get(username="ann"), "inventory.site", ["view"])
    client = Client()
    client.force_login(User.objects.get(username="ann"), backend=BACKEND)
    found = client.get(f"/api/v1/interfaces/?device__site={world['site'].pk}").json()  # type: ignore[attr-defined]
    assert [one["device"]["name"] for one in found["results"]] == ["known"]


def test_nobody_orders_by_what_lies_behind_it(world: dict[str, object], ann: Client) -> None:
    assert ann.get("/api/v1/interfaces/?ordering=device__serial").status_code == 400
