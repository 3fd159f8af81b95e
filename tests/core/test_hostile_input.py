"""Input that means ill, at doors that everybody reaches: a clear answer, never a failure of the server."""

import json

import pytest
from django.contrib.auth import hashers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import Permission, Role
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
