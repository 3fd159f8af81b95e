"""Import: what is created, changed, left alone and rejected, and why."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.resources.exporting import neutral, plain
from core.resources.tables import UnreadableTable, read
from inventory.models import Device, DeviceType, Manufacturer, Site
from tests.core.resource_kit import administrator

URL = "/inventory/devices/import/"


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(administrator())
    return client


def preview(client: Client, content: str | bytes, name: str = "x.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(URL, {"file": SimpleUploadedFile(name, data)})


def test_rows_become_new_changed_unchanged_rejected(admin: Client) -> None:
    site = Site.objects.create(name="Zurich")
    maker = Manufacturer.objects.create(name="Acme")
    DeviceType.objects.create(manufacturer=maker, model="X1")
    Device.objects.create(name="old", site=site, serial="1")
    Device.objects.create(name="same", site=site, serial="2")
    text = (
        "name;site;serial;status;device_type\n"
        "new;Zurich;9;Active;Acme / X1\n"
        "old;Zurich;11;active;\n"
        "same;Zurich;2;active;\n"
        "bad;Bern;3;active;\n"
        "worse;Zurich;4;broken;No / Such\n"
        "new;Zurich;9;active;\n"
    )
    answer = preview(admin, text)
    counts = answer.context["counts"]
    assert counts == {"rejected": 3, "update": 1, "create": 1, "unchanged": 1}
    errors = {row.line: dict(row.errors) for row in answer.context["rows"] if row.errors}
    assert set(errors[5]) == {"site"} and set(errors[6]) == {"status", "device_type"}
    assert "line 2" in errors[7]["name"]
    assert Device.objects.count() == 2
    sent = {"token": answer.context["upload"].token, "_why": "inventory count"}
    assert admin.post(URL, sent).status_code == 302
    stored = {one.name: one.serial for one in Device.objects.all()}
    assert stored == {"new": "9", "old": "11", "same": "2"}
    assert str(Device.objects.get(name="new").device_type) == "Acme X1"
    page = admin.get(f"/inventory/devices/{Device.objects.get(name='new').pk}/").content.decode()
    assert "inventory count" in page


def test_preview_knows_what_the_database_refuses(admin: Client) -> None:
    Device.objects.create(name="first", asset_tag="A-1")
    answer = preview(admin, "name,asset_tag\nsecond,A-1\nthird,A-2\n")
    assert answer.context["counts"]["rejected"] == 1 and answer.context["counts"]["create"] == 1


def test_applies_only_what_was_previewed(admin: Client) -> None:
    answer = preview(admin, "name,serial\nbox,1\n")
    Device.objects.create(name="box", serial="7")
    again = admin.post(URL, {"token": answer.context["upload"].token})
    assert again.status_code == 409 and again.context["counts"]["update"] == 1
    assert Device.objects.get().serial == "7"
    assert admin.post(URL, {"token": again.context["upload"].token}).status_code == 302
    assert Device.objects.get().serial == "1"


def test_an_upload_is_its_owners_alone(admin: Client, client: Client) -> None:
    answer = preview(admin, "name\nbox\n")
    client.force_login(administrator("other"))
    assert client.post(URL, {"token": answer.context["upload"].token}).status_code == 422
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"name,nosuch\nx,1\n", "nosuch"),
        (b"serial\n1\n", "name"),
        (b"name,name\nx,y\n", "twice"),
        (b"PK\x03\x04broken", "workbook"),
        (b"\x00\x01\x02", "neither"),
        (b'name\n"open\n', "Line"),
    ],
)
def test_unusable_files_are_explained(admin: Client, content: bytes, said: str) -> None:
    answer = preview(admin, content)
    assert answer.status_code == 422 and said in answer.context["problem"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    table = read("name\nZürich\n".encode(encoding), "x.csv")
    assert table.rows == [(2, ["Zürich"])]


def test_workbook_cells() -> None:
    book = Workbook()
    book.active.append(["name", "height_units", "admin_up", ""])
    book.active.append(["x", 42.0, True, None])
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue(), "x.xlsx").rows == [(2, ["x", "42", "true", ""])]


@given(st.text(max_size=30))
def test_neutral_text_comes_back_and_is_no_formula(text: str) -> None:
    made = neutral(text)
    assert plain(made) == text
    assert not made.startswith(("=", "@", "\t", "\r"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_clear_refusal(content: bytes) -> None:
    try:
        table = read(content, "x")
    except UnreadableTable as error:
        assert str(error)
    else:
        assert table.head
