"""What a limited person can neither reach nor learn by import, deletion, saved views and search."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import Permission, Role, SavedView, User
from core.resources import resource_of
from core.resources.writing import Change, write
from core.search import everything
from inventory.models import Device, DeviceType, Location, Manufacturer, Site
from tests.core.resource_kit import administrator, stranger

pytestmark = pytest.mark.django_db
IMPORT = "/inventory/devices/import/"


def granted(*permissions: dict[str, Any]) -> User:
    user = stranger("limited")
    role = Role.objects.create(name="limited")
    role.users.add(user)
    for one in permissions:
        Permission.objects.create(role=role, **one)
    return user


def preview(client: Client, text: str) -> Any:
    return client.post(IMPORT, {"file": SimpleUploadedFile("x.csv", text.encode())})


def send(client: Client, method: str, url: str, body: Any) -> Any:
    return getattr(client, method)(url, json.dumps(body), content_type="application/json")


def test_import_takes_no_row_over_from_outside(client: Client) -> None:
    Device.objects.create(name="foreign", status="active")
    Device.objects.create(name="mine", status="planned")
    planned = {"status": "planned"}
    client.force_login(
        granted(
            {"resource": "inventory.device", "actions": ["view"]},
            {"resource": "inventory.device", "actions": ["change"], "constraint": planned},
        )
    )
    answer = preview(client, "name,status,serial\nforeign,planned,7\nmine,planned,8\n")
    assert {row.name: row.outcome for row in answer.context["rows"]} == {
        "foreign": "rejected",
        "mine": "update",
    }
    assert client.post(IMPORT, {"token": answer.context["upload"].token}).status_code == 302
    stored = {one.name: (one.status, one.serial) for one in Device.objects.all()}
    assert stored == {"foreign": ("active", ""), "mine": ("planned", "8")}


def test_a_row_that_may_not_be_added_spoils_no_other(client: Client) -> None:
    constraint = {"status": "planned"}
    client.force_login(granted({"resource": "inventory.device", "actions": ["*"], "constraint": constraint}))
    answer = preview(client, "name,status\na,planned\nb,active\nc,planned\n")
    assert {row.name: row.outcome for row in answer.context["rows"]} == {
        "a": "create",
        "b": "rejected",
        "c": "create",
    }


def test_import_says_when_the_name_is_hidden(client: Client) -> None:
    client.force_login(granted({"resource": "inventory.device", "actions": ["*"], "hidden_fields": ["name"]}))
    answer = preview(client, "serial\n1\n")
    assert answer.status_code == 422 and "name" in answer.content.decode()


def test_what_holds_on_is_named_only_to_who_may_see_it(client: Client) -> None:
    maker = Manufacturer.objects.create(name="Acme")
    DeviceType.objects.create(manufacturer=maker, model="SECRET-1")
    client.force_login(granted({"resource": "inventory.manufacturer", "actions": ["*"]}))
    answer = client.delete(f"/api/v1/manufacturers/{maker.pk}/")
    assert answer.status_code == 409
    assert "SECRET" not in answer.json()["detail"] and "1 device type" in answer.json()["detail"]


def test_an_administrator_saves_their_own_view(client: Client) -> None:
    other = SavedView.objects.create(
        owner=stranger(), resource="inventory.device", name="Mine", query="q=other"
    )
    client.force_login(administrator())
    client.post("/inventory/devices/views/", {"name": "Mine", "query": "q=admin", "shared": "1"})
    other.refresh_from_db()
    assert (other.query, other.shared) == ("q=other", False)
    assert SavedView.objects.count() == 2


def test_bulk_acts_on_what_was_looked_at(client: Client) -> None:
    client.force_login(administrator())
    Device.objects.bulk_create(Device(name=f"x{n}") for n in range(3))
    sent = {"do": "delete", "all": "1", "query": "name=x"}
    count = client.post("/inventory/devices/bulk/", sent).context["count"]
    Device.objects.create(name="x-new")
    answer = client.post("/inventory/devices/bulk/", {**sent, "_apply": 1, "count": count})
    assert answer.status_code == 409 and Device.objects.count() == 4
    again = {**sent, "_apply": 1, "count": answer.context["count"]}
    assert client.post("/inventory/devices/bulk/", again).status_code == 302
    assert not Device.objects.exists()


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    one, two = (Device.objects.create(name=name) for name in "ab")
    Device.objects.filter(pk=one.pk).update(notes="written meanwhile")
    resource = resource_of(Device)
    assert resource is not None
    write(administrator(), resource, [Change(one, {"serial": "1"}), Change(two, {"notes": "2"})])
    one.refresh_from_db()
    assert (one.serial, one.notes) == ("1", "written meanwhile")


def test_queries_of_changes_do_not_grow_with_objects(client: Client) -> None:
    client.force_login(administrator())
    site = Site.objects.create(name="Zurich")
    numbers = []
    for count in (2, 12):
        made = [
            Device.objects.create(
                name=f"{count}-{n}",
                site=site,
                location=Location.objects.create(site=site, name=f"{count}-{n}"),
            ).pk
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            answer = send(client, "patch", "/api/v1/devices/", [{"id": pk, "serial": "1"} for pk in made])
        assert answer.status_code == 200, answer.json()
        numbers.append(len(captured))
    assert numbers[0] == numbers[1]


def test_the_exact_name_is_found_among_many_longer_ones() -> None:
    Device.objects.bulk_create(Device(name=f"a-web1{n}") for n in range(200))
    Device.objects.create(name="web1")
    (group,) = [one for one in everything(administrator(), "web1") if one.label == "Devices"]
    assert group.results[0].label == "web1"


def test_queries_of_new_devices_do_not_grow_with_devices(client: Client) -> None:
    client.force_login(administrator())
    site = Site.objects.create(name="Zurich").pk
    numbers = []
    for count in (2, 12):
        made = [{"name": f"{count}-{n}", "address": f"10.0.{count}.{n}", "site": site} for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert send(client, "post", "/api/v1/devices/", made).status_code == 201
        numbers.append(len(captured))
    assert numbers[0] == numbers[1]
    assert Device.objects.filter(checks__kind="ping").count() == 14
