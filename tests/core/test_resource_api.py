"""The REST API of every resource: read, write one or many, filter, page, errors."""

from typing import Any

import pytest
from django.test import Client

from core.models import Permission, Role, Tag, User
from core.resources import Resource, all_resources, resource_named
from inventory.models import Device, DeviceType, Interface, Manufacturer, Site
from tests.core.resource_kit import administrator, body, make, stranger

pytestmark = pytest.mark.django_db
RESOURCES = sorted(all_resources(), key=lambda one: one.plural)
every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.plural)
addable = pytest.mark.parametrize(
    "resource", [one for one in RESOURCES if one.allows("add")], ids=lambda one: one.plural
)
DEVICES = "/api/v1/devices/"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


def send(client: Client, method: str, url: str, data: Any, **headers: str) -> Any:
    return getattr(client, method)(url, data, content_type="application/json", headers=headers)


@every_resource
def test_administrator_reads_list_and_object(admin: Client, resource: Resource) -> None:
    obj = make(resource)
    answer = admin.get(resource.api_url()).json()
    assert answer["count"] >= 1
    assert obj.pk in [row["id"] for row in answer["results"]]
    one = admin.get(resource.api_url(obj.pk)).json()
    assert one["id"] == obj.pk and set(one) == set(resource.readable)


@every_resource
def test_stranger_sees_and_writes_nothing(client: Client, resource: Resource) -> None:
    obj = make(resource)
    if resource.plural != "saved-views":
        client.force_login(stranger())
        assert client.get(resource.api_url()).status_code == 403
        assert client.get(resource.api_url(obj.pk)).status_code == 404
        assert send(client, "post", resource.api_url(), {}).status_code == 403
        assert send(client, "patch", resource.api_url(obj.pk), {}).status_code == 404
        assert client.delete(resource.api_url(obj.pk)).status_code == 404
    client.logout()
    assert client.get(resource.api_url()).status_code == 401
    assert type(obj)._default_manager.filter(pk=obj.pk).exists()


@addable
def test_create_change_delete(admin: Client, resource: Resource) -> None:
    sent = body(resource)
    made = send(admin, "post", resource.api_url(), sent)
    assert made.status_code == 201, made.json()
    url = made.headers["Location"]
    text = next(
        (n for n, a in resource.attributes.items() if a.kind == "text" and a.writable and not a.choices), None
    )
    change = {text: sent[text]} if text else {}
    changed = send(admin, "patch", url, change)
    assert changed.status_code == 200, changed.json()
    assert send(admin, "put", url, sent).status_code == 200
    assert admin.delete(url).status_code == 204
    assert admin.get(url).status_code == 404


@addable
def test_bad_input_names_the_field(admin: Client, resource: Resource) -> None:
    answer = send(admin, "post", resource.api_url(), {**body(resource), "no_such_field": 1})
    assert answer.status_code == 400 and "no_such_field" in answer.json()
    required = [name for name, one in resource.attributes.items() if one.required]
    answer = send(admin, "post", resource.api_url(), {})
    assert answer.status_code == 400 and set(required) <= set(answer.json())
    for name, one in resource.attributes.items():
        if one.writable and one.kind not in ("json", "secret"):
            good = body(resource)
            before = resource.model._default_manager.count()
            answer = send(admin, "post", resource.api_url(), {**good, name: {"x": ["\x00"]}})
            assert answer.status_code == 400 and name in answer.json(), (name, answer.json())
            assert resource.model._default_manager.count() == before


@every_resource
def test_query_count_does_not_grow(
    admin: Client, resource: Resource, django_assert_max_num_queries: Any
) -> None:
    for _ in range(2):
        make(resource)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        admin.get(resource.api_url())
    for _ in range(8):
        make(resource)
    with CaptureQueriesContext(connection) as many:
        admin.get(resource.api_url())
    assert len(many) <= len(few)


@every_resource
def test_wrong_filter_is_named(admin: Client, resource: Resource) -> None:
    answer = admin.get(resource.api_url(), {"no_such": "1"})
    assert answer.status_code == 400 and "no_such" in answer.json()


def test_list_is_all_or_nothing(admin: Client) -> None:
    site = Site.objects.create(name="Zurich")
    good = {"name": "a", "site": "Zurich"}
    answer = send(
        admin, "post", DEVICES, [good, {"name": "", "site": site.pk}, {"name": "c", "site": {"name": "Bern"}}]
    )
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"1", "2"}
    assert "name" in answer.json()["errors"]["1"] and "site" in answer.json()["errors"]["2"]
    assert not Device.objects.exists()
    answer = send(admin, "post", DEVICES, [good, {"name": "b", "site": {"name": "Zurich"}, "tags": []}])
    assert [one["site"]["id"] for one in answer.json()] == [site.pk, site.pk]


def test_duplicates_of_a_list_are_told_apart(admin: Client) -> None:
    Device.objects.create(name="taken")
    answer = send(admin, "post", DEVICES, [{"name": "one"}, {"name": "ONE"}, {"name": "Taken"}])
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"1", "2"}
    assert Device.objects.count() == 1


def test_change_and_delete_many(admin: Client) -> None:
    first, second = Device.objects.create(name="a"), Device.objects.create(name="b")
    tag = Tag.objects.create(name="core")
    sent = [{"id": second.pk, "status": "retired", "tags": ["core"]}, {"id": first.pk, "name": "aa"}]
    answer = send(admin, "patch", DEVICES, sent)
    assert answer.status_code == 200, answer.json()
    assert [one["name"] for one in answer.json()] == ["b", "aa"]
    first.refresh_from_db()
    assert (first.name, first.status) == ("aa", "active")
    assert list(second.tags.all()) == [tag]
    assert send(admin, "delete", DEVICES, [first.pk, 10**9]).json()["errors"].keys() == {"1"}
    assert send(admin, "delete", DEVICES, [first.pk, second.pk]).status_code == 204
    assert not Device.objects.exists()


def test_delete_says_what_holds_on(admin: Client) -> None:
    maker = Manufacturer.objects.create(name="Acme")
    DeviceType.objects.create(manufacturer=maker, model="X1")
    answer = admin.delete(f"/api/v1/manufacturers/{maker.pk}/")
    assert answer.status_code == 409 and "Acme X1" in answer.json()["detail"]


def test_etag_guards_against_lost_changes(admin: Client) -> None:
    device = Device.objects.create(name="a")
    url = f"{DEVICES}{device.pk}/"
    tag = admin.get(url).headers["ETag"]
    assert admin.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert send(admin, "patch", url, {"serial": "1"}, **{"If-Match": tag}).status_code == 200
    assert send(admin, "patch", url, {"serial": "2"}, **{"If-Match": tag}).status_code == 412
    assert admin.delete(url, headers={"If-Match": tag}).status_code == 412
    assert Device.objects.get().serial == "1"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("site={site}", ["a"]),
        ("site=null", ["b", "c"]),
        ("status=retired&status=active", ["a", "c"]),
        ("name=A", ["a"]),
        ("q=zz-1", ["b"]),
        ("ordering=-name", ["c", "b", "a"]),
        ("tags={tag}", ["c"]),
        ("created_at_before=2001-01-01T00:00:00Z", []),
        ("ordering=name&limit=1&offset=1", ["b"]),
    ],
)
def test_filters(admin: Client, query: str, names: list[str]) -> None:
    site, tag = Site.objects.create(name="Zurich"), Tag.objects.create(name="x")
    Device.objects.create(name="a", site=site)
    Device.objects.create(name="b", serial="ZZ-1", status="planned")
    Device.objects.create(name="c", status="retired").tags.add(tag)
    answer = admin.get(f"{DEVICES}?{query.format(site=site.pk, tag=tag.pk)}")
    assert answer.status_code == 200, answer.json()
    assert [row["name"] for row in answer.json()["results"]] == names


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=nosuch", "status"),
        ("site=99999", "site"),
        ("site=x", "site"),
        ("limit=x", "limit"),
        ("ordering=nosuch", "ordering"),
        ("cursor=!!", "cursor"),
        ("fields=nosuch", "fields"),
        ("created_at_after=yesterday", "created_at_after"),
        ("name=%00", "name"),
    ],
)
def test_bad_parameters_are_named(admin: Client, query: str, name: str) -> None:
    answer = admin.get(f"{DEVICES}?{query}")
    assert answer.status_code == 400 and name in answer.json()


def test_addresses_within_a_prefix(admin: Client) -> None:
    for text in ("10.1.2.3/24", "10.1.3.4/24", "2001:db8::1/64"):
        assert send(admin, "post", "/api/v1/ip-addresses/", {"address": text}).status_code == 201
    found = admin.get("/api/v1/ip-addresses/?address=10.1.2.0/24").json()["results"]
    assert [row["address"] for row in found] == ["10.1.2.3/24"]
    assert admin.get("/api/v1/ip-addresses/?address=10.1.").json()["count"] == 2
    assert "address" in admin.get("/api/v1/ip-addresses/?address=x").json()


def test_cursor_walks_every_row_once(admin: Client) -> None:
    Device.objects.bulk_create(Device(name=f"d{number}") for number in range(7))
    url, seen = f"{DEVICES}?limit=3&cursor=", []
    while url:
        answer = admin.get(url).json()
        seen += [row["name"] for row in answer["results"]]
        url = answer["next"]
    assert sorted(seen) == [f"d{number}" for number in range(7)]


def test_sparse_fields(admin: Client) -> None:
    Device.objects.create(name="a", serial="s")
    (row,) = admin.get(f"{DEVICES}?fields=name,serial").json()["results"]
    assert set(row) == {"id", "name", "serial"}


def test_natural_key_names_across_foreign_keys(admin: Client) -> None:
    device = Device.objects.create(name="core1", site=Site.objects.create(name="Zurich"))
    Interface.objects.create(device=device, name="eth0")
    key = {"device": {"name": "core1", "site": "Zurich"}, "name": "eth0"}
    for named in (key, "core1 / Zurich / eth0"):
        answer = send(
            admin, "post", "/api/v1/ip-addresses/", {"address": f"10.0.0.{len(named)}/8", "interface": named}
        )
        assert answer.status_code == 201, answer.json()
        assert answer.json()["interface"]["name"] == "eth0"


def granted(resource: str, actions: list[str], **more: Any) -> User:
    user = stranger("limited")
    role = Role.objects.create(name="limited")
    role.users.add(user)
    Permission.objects.create(role=role, resource=resource, actions=actions, **more)
    return user


def test_hidden_field_is_hidden_everywhere(client: Client) -> None:
    device = Device.objects.create(name="a", serial="topsecret")
    client.force_login(granted("inventory.device", ["*"], hidden_fields=["serial"]))
    assert "serial" not in client.get(f"{DEVICES}{device.pk}/").json()
    assert client.get(f"{DEVICES}?q=topsecret").json()["count"] == 0
    for query in ("serial=top", "ordering=serial", "fields=serial"):
        assert client.get(f"{DEVICES}?{query}").status_code == 400
    assert send(client, "patch", f"{DEVICES}{device.pk}/", {"serial": "x"}).status_code == 400
    assert send(client, "post", DEVICES, {"name": "b", "serial": "x"}).status_code == 400
    device.refresh_from_db()
    assert device.serial == "topsecret"


def test_constraint_holds_for_what_is_written(client: Client) -> None:
    mine = Device.objects.create(name="mine", status="planned")
    other = Device.objects.create(name="other", status="active")
    client.force_login(granted("inventory.device", ["*"], constraint={"status": "planned"}))
    assert [row["name"] for row in client.get(DEVICES).json()["results"]] == ["mine"]
    assert send(client, "patch", f"{DEVICES}{mine.pk}/", {"status": "active"}).status_code == 403
    assert send(client, "post", DEVICES, [{"name": "n", "status": "active"}]).status_code == 403
    assert send(client, "patch", f"{DEVICES}{other.pk}/", {"serial": "x"}).status_code == 404
    mine.refresh_from_db()
    assert mine.status == "planned" and Device.objects.count() == 2


def test_errors_are_never_html(admin: Client) -> None:
    answer = admin.get("/api/v1/nothing-here/")
    assert answer.status_code == 404 and "detail" in answer.json()
    answer = admin.post(DEVICES, "{broken", content_type="application/json")
    assert answer.status_code == 400 and "detail" in answer.json()


def test_every_resource_has_a_name() -> None:
    assert resource_named("devices") in RESOURCES
