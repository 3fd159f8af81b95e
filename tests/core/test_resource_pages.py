"""The generic pages of every resource: list, detail, forms, delete, bulk, export and import."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import Permission, Role, SavedView, Tag
from core.resources import Resource, all_resources, resource_of
from core.resources.attributes import Reference, References
from inventory.models import Device, DeviceType, Interface, Manufacturer, Site
from tests.core.resource_kit import administrator, body, make, stranger

pytestmark = pytest.mark.django_db
RESOURCES = sorted(all_resources(), key=lambda one: one.plural)


def of(operation: str = "") -> Any:
    chosen = [one for one in RESOURCES if not operation or one.allows(operation)]
    return pytest.mark.parametrize("resource", chosen, ids=lambda one: one.plural)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


def typed(resource: Resource) -> dict[str, Any]:
    """What a person would type into the form of a new object."""
    sent = body(resource)
    if resource.plural == "credentials":
        del sent["secret"]
        sent["snmp_community__community"] = "public"
        sent["snmp_community__version"] = "2c"
    if resource.plural == "channels":
        sent["webhook__url"] = "https://hooks.example.com/x"
    for name, one in resource.attributes.items():
        if one.kind == "list" and name in sent:
            sent[name] = ",".join(sent[name])
    return {
        name: "on" if value is True else value for name, value in sent.items() if value not in (None, False)
    }


@of()
def test_pages_open_for_an_administrator(admin: Client, resource: Resource) -> None:
    obj = make(resource)
    for url in (resource.url("list"), resource.url("detail", obj.pk), resource.url("export")):
        assert admin.get(url).status_code == 200, url
    for page, operation in (("edit", "change"), ("delete", "delete")):
        expected = 200 if resource.allows(operation) else 404
        assert admin.get(resource.url(page, obj.pk)).status_code == expected
    assert admin.get(resource.url("add")).status_code == (200 if resource.allows("add") else 404)
    assert admin.get(resource.url("import")).status_code == (200 if resource.allows("import") else 404)
    choices = admin.get(f"/choices/{resource.plural}/").json()["results"]
    assert str(obj.pk) in [str(one["value"]) for one in choices] or len(choices) == 50


@of()
def test_a_stranger_sees_nothing(client: Client, resource: Resource) -> None:
    obj = make(resource)
    client.force_login(stranger())
    many = ("list", "add", "import", "export")
    for url in [*(resource.url(page) for page in many), f"/choices/{resource.plural}/"]:
        assert client.get(url).status_code in (403, 404), url
    for page in ("detail", "edit", "delete"):
        assert client.get(resource.url(page, obj.pk)).status_code in (403, 404)
        assert client.post(resource.url(page, obj.pk)).status_code in (403, 404, 405)
    assert client.post(resource.url("bulk"), {"do": "delete", "pk": obj.pk, "_apply": 1}).status_code == 403
    assert type(obj)._default_manager.filter(pk=obj.pk).exists()
    client.logout()
    assert client.get(resource.url("list")).status_code == 302


@of()
def test_query_count_of_the_list_does_not_grow(admin: Client, resource: Resource) -> None:
    for _ in range(3):
        make(resource)
    admin.get(resource.url("list"))
    with CaptureQueriesContext(connection) as few:
        admin.get(resource.url("list"))
    for _ in range(8):
        make(resource)
    with CaptureQueriesContext(connection) as many:
        admin.get(resource.url("list"))
    assert len(many) <= len(few)


@of("add")
def test_add_edit_delete_by_form(admin: Client, resource: Resource) -> None:
    sent = typed(resource)
    answer = admin.post(resource.url("add"), {**sent, "_why": "because"})
    assert answer.status_code == 302, answer.context["form"].errors
    obj = resource.model._default_manager.order_by("-pk").first()
    assert obj is not None and answer.url == resource.url("detail", obj.pk)
    assert "because" in admin.get(answer.url).content.decode() or resource.plural == "tags"
    answer = admin.post(resource.url("edit", obj.pk), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    answer = admin.post(resource.url("delete", obj.pk))
    assert answer.status_code == 302
    assert not resource.model._default_manager.filter(pk=obj.pk).exists()


@of("add")
def test_empty_form_names_its_fields(admin: Client, resource: Resource) -> None:
    answer = admin.post(resource.url("add"), {})
    required = {name for name, one in resource.attributes.items() if one.required and not one.secret}
    if required - {"height_units"}:
        assert answer.status_code == 422
        assert required - set(answer.context["form"].errors) <= {
            "status",
            "criticality",
            "is_active",
            "admin_up",
        }


@of("import")
def test_export_imports_back_unchanged(admin: Client, resource: Resource) -> None:
    for _ in range(3):
        make(resource)
    for form in ("csv", "xlsx"):
        answer = admin.get(resource.url("export"), {"format": form})
        content = b"".join(answer.streaming_content)
        preview = admin.post(resource.url("import"), {"file": SimpleUploadedFile(f"x.{form}", content)})
        assert preview.status_code == 200, preview.context["problem"]
        counts = preview.context["counts"]
        errors = [row.errors for row in preview.context["rows"] if row.errors]
        assert errors == [] and counts["create"] == counts["update"] == 0, counts
        assert counts["unchanged"] >= 3


@of("import")
def test_export_imports_into_an_empty_table(admin: Client, resource: Resource) -> None:
    if resource.plural in ("users", "roles"):
        pytest.skip("the one who imports must stay")
    objects = [make(resource) for _ in range(2)]
    before = rows_of(admin, resource)
    content = b"".join(admin.get(resource.url("export")).streaming_content)
    model = resource.model
    model._default_manager.filter(pk__in=[one.pk for one in objects]).delete()
    preview = admin.post(resource.url("import"), {"file": SimpleUploadedFile("x.csv", content)})
    assert preview.context["counts"]["create"] == 2, [row.errors for row in preview.context["rows"]]
    assert not model._default_manager.filter(pk__in=[one.pk for one in objects]).exists()
    answer = admin.post(resource.url("import"), {"token": preview.context["upload"].token})
    assert answer.status_code == 302
    assert rows_of(admin, resource) == before


def rows_of(client: Client, resource: Resource) -> list[dict[str, str]]:
    """The exported rows without what every object has of its own."""
    text = b"".join(client.get(resource.url("export")).streaming_content).decode("utf-8-sig")
    own = {"id", "created_at", "updated_at"}
    rows = [{k: v for k, v in row.items() if k not in own} for row in csv.DictReader(io.StringIO(text))]
    return sorted(rows, key=str)


@of()
def test_hidden_field_is_on_no_page(client: Client, resource: Resource) -> None:
    name = next(
        (n for n, a in resource.readable.items() if a.kind == "text" and a.writable and not a.choices), ""
    )
    if not name:
        pytest.skip("nothing but references")
    obj = make(resource)
    value = str(getattr(obj, name))
    user = stranger("limited")
    role = Role.objects.create(name="limited")
    role.users.add(user)
    label = resource.model._meta.label_lower
    Permission.objects.create(role=role, resource=label, actions=["*"], hidden_fields=[name])
    client.force_login(user)
    listed = client.get(resource.url("list"), {"columns": f"id,{name}"})
    assert name not in [column["name"] for column in listed.context["choices"]]
    exported = b"".join(client.get(resource.url("export")).streaming_content).decode("utf-8-sig")
    assert name not in exported.split("\r\n")[0].split(",")
    if resource.allows("change"):
        assert name not in client.get(resource.url("edit", obj.pk)).context["form"].fields
    groups = client.get(resource.url("detail", obj.pk)).context["groups"]
    assert name not in [item["name"] for group in groups for item in group["items"]]
    assert value


def test_hidden_fields_stand_neither_beside_nor_below_the_title(client: Client) -> None:
    """Pages have places of their own for a state and a description."""
    device = Device.objects.create(name="core1", status="maintenance", description="hush", site=None)
    port = Interface.objects.create(device=device, name="eth0", admin_up=False, description="hush")
    user = stranger("limited")
    role = Role.objects.create(name="limited")
    role.users.add(user)
    for model, fields in (
        ("device", ["status", "description", "role"]),
        ("interface", ["admin_up", "description"]),
    ):
        Permission.objects.create(
            role=role, resource=f"inventory.{model}", actions=["view"], hidden_fields=fields
        )
    client.force_login(user)
    device_page = client.get(f"/inventory/devices/{device.pk}/")
    port_page = client.get(f"/inventory/interfaces/{port.pk}/")
    for page in (device_page, port_page):
        assert page.status_code == 200
        text = page.content.decode().split("<main", 1)[1]
        assert "hush" not in text and "Maintenance" not in text and "Disabled" not in text
    Permission.objects.update(hidden_fields=[])
    shown = client.get(f"/inventory/devices/{device.pk}/").content.decode()
    assert "hush" in shown and "Maintenance" in shown
    assert "Disabled" in client.get(f"/inventory/interfaces/{port.pk}/").content.decode()


def test_states_are_badges_and_not_their_source(admin: Client) -> None:
    device = Device.objects.create(name="a")
    for address in ("/inventory/devices/", f"/inventory/devices/{device.pk}/"):
        page = admin.get(address).content.decode()
        assert 'class="state"' in page
        assert "&lt;span" not in page


def test_list_filters_sorts_and_pages(admin: Client) -> None:
    site = Site.objects.create(name="Zurich")
    Device.objects.bulk_create(Device(name=f"d{n:03}", site=site if n % 2 else None) for n in range(60))
    answer = admin.get("/inventory/devices/", {"site": site.pk, "sort": "-name", "per_page": 25})
    assert [line.name for line in answer.context["lines"]][:2] == ["d059", "d057"]
    assert answer.context["page_obj"].paginator.count == 30
    found = admin.get("/inventory/devices/", {"q": "d01"}).context["lines"]
    assert len(found) == 10
    assert admin.get("/inventory/devices/", {"page": "9999"}).context["page_obj"].number == 2
    assert "nosuch" in admin.get("/inventory/devices/", {"sort": "nosuch"}).content.decode()


def test_list_fragment_for_htmx(admin: Client) -> None:
    text = admin.get("/inventory/devices/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text and 'id="list"' in text


def test_chosen_columns_and_saved_view(admin: Client) -> None:
    Device.objects.create(name="a", serial="S-1")
    answer = admin.get("/inventory/devices/?columns=name&columns=serial&columns=created_at")
    assert [head["label"] for head in answer.context["heads"]] == ["Name", "Serial number", "Created at"]
    admin.post("/inventory/devices/views/", {"name": "Mine", "query": "columns=name", "shared": "1"})
    view = SavedView.objects.get()
    assert view.shared and "Mine" in admin.get("/inventory/devices/").content.decode()
    admin.post("/inventory/devices/views/", {"delete": view.pk})
    assert not SavedView.objects.exists()


def test_hostile_text_is_escaped(admin: Client) -> None:
    nasty = "<script>alert(1)</script>"
    device = Device.objects.create(name=nasty, serial=nasty)
    device.tags.add(Tag.objects.create(name=nasty))
    for url in (
        "/inventory/devices/",
        f"/inventory/devices/{device.pk}/",
        f"/inventory/devices/{device.pk}/edit/",
    ):
        assert "<script>alert" not in admin.get(url).content.decode()


def test_bulk_edit_sets_only_what_is_ticked(admin: Client) -> None:
    devices = [Device.objects.create(name=name, serial="keep") for name in "abc"]
    old, new = Tag.objects.create(name="old"), Tag.objects.create(name="new")
    devices[0].tags.add(old)
    keys = [one.pk for one in devices[:2]]
    assert admin.post("/inventory/devices/bulk/", {"do": "edit", "pk": keys}).status_code == 200
    sent = {
        "do": "edit",
        "pk": keys,
        "_apply": 1,
        "_set": ["status"],
        "status": "retired",
        "serial": "lost",
        "_add_tags": [new.pk],
        "_remove_tags": [old.pk],
    }
    assert admin.post("/inventory/devices/bulk/", sent).status_code == 302
    rows = {
        one.name: (one.status, one.serial, [tag.name for tag in one.tags.all()])
        for one in Device.objects.all()
    }
    assert rows == {
        "a": ("retired", "keep", ["new"]),
        "b": ("retired", "keep", ["new"]),
        "c": ("active", "keep", []),
    }


def test_bulk_acts_on_all_that_match(admin: Client) -> None:
    Device.objects.bulk_create(Device(name=f"x{n}") for n in range(30))
    Device.objects.create(name="other")
    sent = {"do": "delete", "all": "1", "query": "name=x"}
    assert "30 devices" in admin.post("/inventory/devices/bulk/", sent).content.decode()
    assert admin.post("/inventory/devices/bulk/", {**sent, "_apply": 1}).status_code == 302
    assert [one.name for one in Device.objects.all()] == ["other"]


def test_bulk_edit_is_all_or_nothing(admin: Client) -> None:
    site, other = Site.objects.create(name="a"), Site.objects.create(name="b")
    Device.objects.create(name="same", site=other)
    move = [Device.objects.create(name=name, site=site) for name in ("fine", "same")]
    sent = {"do": "edit", "pk": [one.pk for one in move], "_apply": 1, "_set": ["site"], "site": other.pk}
    answer = admin.post("/inventory/devices/bulk/", sent)
    assert answer.status_code == 422 and "same" in str(answer.context["form"].non_field_errors())
    assert Device.objects.filter(site=other).count() == 1


def test_delete_names_what_goes_and_what_holds(admin: Client) -> None:
    device = Device.objects.create(name="core1")
    Interface.objects.bulk_create(Interface(device=device, name=f"eth{n}") for n in range(4))
    assert "4 interfaces" in admin.get(f"/inventory/devices/{device.pk}/delete/").content.decode()
    maker = Manufacturer.objects.create(name="Acme")
    DeviceType.objects.create(manufacturer=maker, model="X1")
    answer = admin.post(f"/inventory/manufacturers/{maker.pk}/delete/")
    assert answer.status_code == 409 and "Acme X1" in answer.content.decode()


def test_related_numbers_lead_to_their_rows(admin: Client) -> None:
    site = Site.objects.create(name="Zurich")
    Device.objects.create(name="a", site=site)
    related = admin.get(f"/inventory/sites/{site.pk}/").context["related"]
    devices = next(one for one in related if one["label"] == "Devices")
    assert devices["count"] == 1
    assert [line.name for line in admin.get(devices["url"]).context["lines"]] == ["a"]


def test_every_declared_kind_has_a_way_in_and_out() -> None:
    for resource in RESOURCES:
        for attribute in resource.attributes.values():
            assert attribute.schema() is not None
            assert isinstance(attribute, Reference | References) or attribute.kind


def test_the_form_begins_with_what_is_stored_and_keeps_it(admin: Client) -> None:
    """A description is changed; tags, members and channels stay."""
    tag, member = Tag.objects.create(name="7"), stranger("member")
    site = Site.objects.create(name="Zurich")
    site.tags.add(tag)
    role = Role.objects.create(name="team")
    role.users.add(member)
    for obj, name, stored in ((site, "tags", tag), (role, "users", member)):
        url = resource_of(obj).url("edit", obj.pk)  # type: ignore[union-attr]
        page = admin.get(url)
        assert f'<option value="{stored.pk}" selected>{stored}</option>' in page.content.decode()
        form = page.context["form"]
        sent = {one: form[one].value() for one in form.fields if form[one].value() is not None}
        assert admin.post(url, sent | {"description": "new"}).status_code == 302
        obj.refresh_from_db()
        assert obj.description == "new" and list(getattr(obj, name).all()) == [stored]
