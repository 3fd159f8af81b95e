"""Input that means ill, at doors that everybody reaches: a clear answer, never a failure of the server."""

import io
import json
import re
import zipfile

import pytest
from django.contrib.auth import hashers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from core.models import Permission, Role
from core.redaction import redact
from core.resources import all_resources, tables
from inventory.models import Device, Site

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 9"
ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "https:evil.example",
             "javascript:alert(1)", "\thttps://evil.example", "http:///evil.example"]  # fmt: skip


@pytest.fixture
def boss(as_person):
    return as_person("boss", "administrator")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_next_leads_elsewhere(person, boss, target):
    person("ann")
    client = Client()
    answer = client.post("/account/login/", {"login": "ann", "password": PASSWORD, "next": target})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"
    answer = Client().post(f"/account/login/?next={target}", {"login": "ann", "password": PASSWORD})
    assert "evil" not in answer.headers["Location"] and "javascript" not in answer.headers["Location"]
    site = Site.objects.create(name="Here")
    url = f"/inventory/sites/{site.pk}/edit/"
    answer = boss.post(f"{url}?next={target}", {"name": "Here", "status": site.status} | _rest(boss, url))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/inventory/sites/{site.pk}/"
    assert "evil" not in boss.get(f"{url}?next={target}").context["cancel_url"]


def _rest(client, url):
    form = client.get(url).context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_a_wrong_login_costs_one_hash_whether_the_name_exists_or_not(person, monkeypatch, name):
    """Counted, not timed: who waits as long for a name that is not there learns nothing from waiting."""
    person("ann")
    hashed = []
    hasher = hashers.get_hasher()
    original = type(hasher).encode

    def encode(self, *args, **more):
        hashed.append(1)
        return original(self, *args, **more)

    monkeypatch.setattr(type(hasher), "encode", encode)
    answer = Client().post("/account/login/", {"login": name, "password": "wrong"})
    assert answer.status_code == 200
    assert len(hashed) == 1


WORDS = ["\x00", "a\x00b", "%", "_", "%_%", "x" * 10_000, "x " * 5000, "\ud800", "\\", "'", '"', "(", "1e999",
         "٣٣", "‮", "10.0.0.0/99", "::::", "ff" * 40, "-1", "9" * 40]  # fmt: skip


@pytest.mark.parametrize("text", WORDS, ids=range(len(WORDS)))
def test_words_in_search_palette_lists_and_choices(boss, text):
    quoted = text.encode("utf-8", "surrogatepass")
    query = "q=" + "".join(f"%{byte:02x}" for byte in quoted)
    assert boss.get(f"/search/?{query}").status_code == 200
    assert boss.get(f"/search/?{query}&format=json").status_code == 200
    for resource in all_resources():
        assert boss.get(f"{resource.url('list')}?{query}").status_code in (200, 400), resource
        assert boss.get(f"/choices/{resource.plural}/?{query}").status_code == 200, resource
        assert boss.get(f"{resource.api_url()}?{query}").status_code in (200, 400), resource


def test_percent_and_underscore_mean_themselves(boss):
    for name in ("load 100%", "a_b", "acb", "plain"):
        Device.objects.create(name=name)

    def found(text):
        answer = boss.get("/api/v1/devices/", {"q": text}).json()["results"]
        return sorted(one["name"] for one in answer)

    assert found("%") == ["load 100%"]
    assert found("a_b") == ["a_b"]


CONSTRAINTS = [
    {"nothing": 1},
    {"name__nothing": 1},
    {"site__nothing__x": 1},
    {"site__name__regex": "(a+)+$"},
    {"name__in": 3},
    {"pk": "x"},
    {"pk": [1]},
    {"name": {"a": 1}},
    {"created_at__gt": "yesterday"},
    {"name\x00": 1},
    {"name": "\x00"},
    {"": 1},
    {"__": 1},
    {"pk__in": ["x"]},
    {"primary_ip__address": "nonsense"},
    {"name__isnull": "maybe"},
    [],
    [[]],
    [{}],
    "text",
    7,
    [{"name": "a"}] * 51,
    {"pk": 10**30},
]


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=range(len(CONSTRAINTS)))
def test_a_constraint_that_means_nothing_is_an_error_of_its_field(boss, constraint):
    role = Role.objects.create(name="r")
    sent = {"role": role.pk, "resource": "inventory.device", "actions": "view",
            "constraint": json.dumps(constraint)}  # fmt: skip
    page = boss.post("/core/permissions/add/", sent)
    assert page.status_code == 422
    assert page.context["form"].errors["constraint"]
    body = {**sent, "actions": ["view"], "constraint": constraint}
    answer = boss.post("/api/v1/permissions/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "constraint" in answer.json()
    assert not Permission.objects.filter(role=role).exists()


def test_a_file_that_is_too_large_is_refused_by_its_field(boss, monkeypatch):
    monkeypatch.setattr("core.resources.pages.importing.MAX_BYTES", 2**20)
    monkeypatch.setattr(tables, "MAX_BYTES", 2**20)
    file = SimpleUploadedFile("s.csv", b"name\n" + b"x" * (2**20 + 1))
    page = boss.post("/inventory/sites/import/", {"file": file})
    assert page.status_code == 422
    assert "larger than 1 MB" in page.content.decode()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "=cmd|' /C calc'!A0"]
)
def test_a_formula_leaves_as_text_and_comes_back_as_it_was(boss, text):
    site = Site.objects.create(name="here", description=text)
    answer = boss.get("/inventory/sites/export/?format=csv&columns=name,description")
    content = b"".join(answer)
    cell = content.decode("utf-8-sig").split("\r\n", 1)[1].split(",", 1)[1].strip().strip('"')
    assert cell.startswith("'") or text == "+1"
    Site.objects.filter(pk=site.pk).update(description="")
    file = SimpleUploadedFile("s.csv", content)
    token = boss.post("/inventory/sites/import/", {"file": file}).context["upload"].token
    assert boss.post("/inventory/sites/import/", {"token": token}).status_code == 302
    assert Site.objects.get(pk=site.pk).description == text.strip()


def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    book.active.append(["name", "description"])
    book.active.append(["Zurich", "x"])
    book.save(file)
    return file.getvalue()


def spoiled(part: str) -> bytes:
    """A workbook of which one part is XML that breaks off."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as good, zipfile.ZipFile(file, "w") as bad:
        for info in good.infolist():
            bad.writestr(info, b"<a" if part in info.filename else good.read(info))
    return file.getvalue()


def patched(mark: bytes, at: int, value: int) -> bytes:
    """A workbook with one byte set at a place of each header of the zip (APPNOTE.TXT, 4.3.7 and 4.3.12)."""
    found = bytearray(workbook())
    for match in re.finditer(re.escape(mark), workbook()):
        found[match.start() + at] = value
    return bytes(found)


def scrambled() -> bytes:
    """The compressed bytes of the first part are noise."""
    found = bytearray(workbook())
    with zipfile.ZipFile(io.BytesIO(workbook())) as good:
        start = good.infolist()[-1].header_offset + 60
    found[start : start + 30] = b"\xff" * 30
    return bytes(found)


DAMAGED = {
    "sheet": lambda: spoiled("sheet1"),
    "workbook": lambda: spoiled("xl/workbook.xml"),
    "styles": lambda: spoiled("styles"),
    "types": lambda: spoiled("Content_Types"),
    "encrypted": lambda: patched(b"PK\x01\x02", 8, 1),
    "compression": lambda: patched(b"PK\x01\x02", 10, 99),
    "noise": scrambled,
    "half": lambda: workbook()[:2000],
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_workbook_is_refused_by_its_field(boss, damage):
    assert tables.read(workbook(), "s.xlsx").head == ["name", "description"]
    page = boss.post("/inventory/sites/import/", {"file": SimpleUploadedFile("s.xlsx", DAMAGED[damage]())})
    assert page.status_code == 422
    assert "The workbook cannot be read" in page.content.decode()


@pytest.mark.parametrize("body", ["[" * 200_000, '{"a":' * 200_000, "[" * 200_000 + "]" * 200_000])
def test_json_that_is_nested_without_end_is_refused(boss, body):
    answer = boss.post("/api/v1/sites/", body, content_type="application/json")
    assert answer.status_code == 400 and "nested too deeply" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_not_read(boss, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = boss.post("/api/v1/sites/", {"name": "x" * 1000}, content_type="application/json")
    assert answer.status_code == 413 and answer.json() == {"detail": "The request is too large"}
    assert boss.post("/api/v1/sites/", {"name": "x"}, content_type="application/json").status_code == 201


def test_a_long_line_is_masked_in_one_go():
    """A path of some 100 kB ends up in the log: a pattern that tries it from each letter on takes minutes."""
    line = "a" * 300_000 + " postgresql://itim:hunter2@db/itim"
    assert redact(line) == line.replace("hunter2", "••••••")
