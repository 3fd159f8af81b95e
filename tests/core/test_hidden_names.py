"""The name of an object that one may not see stands nowhere: pages, API, export, search, history, alerts."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from core import history
from core.models import Tag, User
from inventory.models import Dependency, Device, DeviceType, Interface, IPAddress, Manufacturer, Site
from monitoring.models import Alert, AlertEvent, Channel, Check, Notification

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
        hangs = Dependency.objects.create(device=known, on_device=secret, description="by fiber")
        hangs.tags.add(tag)
        maker = Manufacturer.objects.create(name=f"maker-{SECRET}")
        kind = DeviceType.objects.create(manufacturer=maker, model="X1000")
        Device.objects.filter(pk=known.pk).update(device_type=kind)
    alert = Alert.objects.create(
        device=secret,
        source=check,
        metric="cpu.usage",
        severity="critical",
        status="firing",
        text="too hot",
        started_at=timezone.now(),
    )
    event = AlertEvent.objects.create(alert=alert, kind="fired", at=timezone.now())
    channel = Channel.objects.create(name=f"channel-{SECRET}", kind="mail", options={"to": ["a@example.org"]})
    told = Notification.objects.create(event=event, alert=alert, channel=channel, message_id="m")
    return {"known": known, "secret": secret, "ports": ports, "address": address, "check": check,
            "alert": alert, "site": hidden, "tag": tag, "hangs": hangs, "kind": kind,
            "told": told}  # fmt: skip


@pytest.fixture
def ann(person: Callable[..., User], allow: Callable[..., object]) -> Client:
    user = person("ann")
    allow(user, "inventory.device", ["view", "change"], {"name": "known"})
    allow(user, "inventory.site", ["view"], {"name": "Here"})
    allow(user, "core.tag", ["view"], {"name": "none"})
    for model in ("interface", "ipaddress", "devicetype"):
        allow(user, f"inventory.{model}", ["view"])
    allow(user, "inventory.dependency", ["view", "change", "delete"])
    for model in ("check", "alert", "alertevent", "series", "notification"):
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
    "/inventory/dependencies/",
    "/inventory/dependencies/?columns=id,device,on_device,on_device__name",
    "/inventory/dependencies/{hangs.pk}/",
    "/inventory/dependencies/{hangs.pk}/edit/",
    "/inventory/dependencies/{hangs.pk}/delete/",
    "/inventory/dependencies/export/?format=csv",
    "/inventory/device-types/{kind.pk}/",
    "/monitoring/notifications/",
    "/monitoring/notifications/{told.pk}/",
    "/monitoring/checks/",
    "/monitoring/checks/{check.pk}/",
    "/monitoring/alerts/",
    "/monitoring/top/",
    "/choices/interfaces/",
    "/choices/interfaces/?q=eth0",
    "/choices/devices/?q=" + SECRET,
    "/choices/dependencies/",
    "/choices/device-types/",
    "/search/?q=fiber&format=json",
    "/search/?q=X1000&format=json",
    "/search/?q=eth0&format=json",
    "/search/?q=10.1.1.1&format=json",
    "/api/v1/devices/",
    "/api/v1/devices/{known.pk}/",
    "/api/v1/interfaces/",
    "/api/v1/interfaces/{ports[1].pk}/",
    "/api/v1/ip-addresses/",
    "/api/v1/dependencies/",
    "/api/v1/dependencies/{hangs.pk}/",
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


def test_a_refusal_and_a_bulk_form_name_it_no_more_than_pages_do(
    world: dict[str, object], ann: Client, person: Callable[..., User]
) -> None:
    hangs = world["hangs"].pk  # type: ignore[attr-defined]
    for sent in ({"do": "edit"}, {"do": "delete"}):
        page = ann.post("/inventory/dependencies/bulk/", {**sent, "pk": [hangs]}).content.decode()
        assert "known → hidden" in page and SECRET not in page
    types = ann.get(f"/inventory/device-types/{world['kind'].pk}/edit/")  # type: ignore[attr-defined]
    assert types.status_code == 403 and SECRET not in types.content.decode()
    done = ann.post(f"/inventory/dependencies/{hangs}/delete/", follow=True).content.decode()
    assert "Dependency known → hidden is deleted" in done


def test_an_import_says_hidden_where_something_moves_away_from_it(
    world: dict[str, object], ann: Client
) -> None:
    """The device stands at the hidden site; the file puts it to the other one."""
    Device.objects.filter(pk=world["known"].pk).update(site=None, serial="1")  # type: ignore[attr-defined]
    file = SimpleUploadedFile("x.csv", b"name,site,device_type\nknown,,\n")
    page = ann.post("/inventory/devices/import/", {"file": file})
    (row,) = page.context["rows"]
    assert row.differences == [("Device type", "hidden X1000", "")]
    assert SECRET not in page.content.decode()


def test_what_hangs_on_a_device_names_no_hidden_end(world: dict[str, object], ann: Client) -> None:
    page = ann.get(f"/inventory/devices/{world['known'].pk}/").content.decode()  # type: ignore[attr-defined]
    panel = page.split('id="dependencies"')[1].split("</section>")[0]
    assert "hidden" in panel and SECRET not in panel


@pytest.mark.parametrize(
    ("plural", "shown"), [("inventory/interfaces", "eth0"), ("monitoring/checks", "Ping")]
)
def test_a_list_that_is_ordered_by_something_hidden_is_there_all_the_same(
    world: dict[str, object], ann: Client, plural: str, shown: str
) -> None:
    page = ann.get(f"/{plural}/")
    assert page.context["problem"] == ""
    assert shown in page.content.decode()


def test_hidden_names_leave_no_trace_in_the_order(ann: Client, allow: Callable[..., object]) -> None:
    """Sites come in another order by name than by key; whoever sees but some of them learns no name."""
    sites = [Site.objects.create(name=name) for name in ("zz", "mm", "aa")]
    for number, site in enumerate(sites):
        Device.objects.create(name=f"d{number}", site=site)
    allow(User.objects.get(username="ann"), "inventory.device", ["view"], {"name__startswith": "d"})
    found = ann.get("/api/v1/devices/?ordering=site&name=d").json()["results"]
    assert [one["name"] for one in found] == ["d0", "d1", "d2"]


def test_saving_a_form_takes_nothing_away_that_one_does_not_see(
    world: dict[str, object], ann: Client
) -> None:
    known = Device.objects.get(name="known")
    url = f"/inventory/devices/{known.pk}/edit/"
    page = ann.get(url)
    assert page.content.decode().count(">hidden</option>") == 2, "the site and the tag stay chosen"
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value is not None} | {"description": "new"}
    assert ann.post(url, sent).status_code == 302
    known.refresh_from_db()
    assert (known.description, known.site, list(known.tags.all())) == ("new", world["site"], [world["tag"]])
    assert ann.post(url, {**sent, "site": "", "tags": []}).status_code == 302
    known.refresh_from_db()
    assert known.site is None and not known.tags.exists(), "who means it may still do it"


def test_nobody_chooses_what_they_do_not_see(world: dict[str, object], ann: Client) -> None:
    other = Site.objects.create(name="also hidden")
    url = f"/inventory/devices/{world['known'].pk}/edit/"  # type: ignore[attr-defined]
    answer = ann.post(url, {"name": "known", "status": "active", "site": other.pk})
    assert answer.status_code == 422 and "site" in answer.context["form"].errors


def test_nobody_finds_a_hidden_name_by_guessing(
    world: dict[str, object], ann: Client, allow: Callable[..., object]
) -> None:
    """The type may be named by its model, not by its maker, whom ann does not see."""
    url = f"/api/v1/devices/{world['known'].pk}/"  # type: ignore[attr-defined]

    def chosen(name: object) -> int:
        return ann.patch(url, {"device_type": name}, content_type="application/json").status_code

    assert chosen(world["kind"].pk) == 200  # type: ignore[attr-defined]
    for guess in (f"maker-{SECRET} / X1000", {"manufacturer": {"name": f"maker-{SECRET}"}, "model": "X1000"}):
        assert chosen(guess) == 400
    allow(User.objects.get(username="ann"), "inventory.manufacturer", ["view"])
    for known in (f"maker-{SECRET} / X1000", {"manufacturer": {"name": f"maker-{SECRET}"}, "model": "X1000"}):
        assert chosen(known) == 200
