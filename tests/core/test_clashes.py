"""Two people edit the same object: who saves second is told what the first one changed, and decides."""

import pytest
from django.test import Client

from core import history
from core.models import Credential, Role, Tag
from core.resources import all_resources
from inventory.models import Site
from tests.core.resource_kit import make, make_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(as_person):
    return as_person("ann", "administrator")


@pytest.fixture
def ben(as_person):
    return as_person("ben", "administrator")


@pytest.fixture
def site():
    return Site.objects.create(name="Zurich", description="old")


def opened(client, url):
    """What the form would send if nothing were typed."""
    page = client.get(url)
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    version = page.content.decode().split('name="_version" value="')[1].split('"')[0]
    return {name: value for name, value in sent.items() if value is not None} | {"_version": version}


def save(client, url, sent, **more):
    return client.post(url, sent | more)


def test_who_saves_second_sees_who_changed_what_and_keeps_the_input(ann, ben, site):
    url = f"/inventory/sites/{site.pk}/edit/"
    mine, theirs = opened(ann, url), opened(ben, url)
    assert save(ben, url, theirs, description="bens", _why="moved").status_code == 302
    page = save(ann, url, mine, description="anns")
    assert page.status_code == 409
    text = page.content.decode()
    (note,) = (part for part in text.split('class="note"')[1:] if "Somebody saved in between" in part)
    note = note.split("form-group")[0]
    for said in ("ben", "moved", "Description", "from old", "to bens", "<time"):
        assert said in note
    assert "anns" in text.split("form-group", 1)[1]
    assert Site.objects.get(pk=site.pk).description == "bens"


def test_one_click_saves_over_it(ann, ben, site):
    url = f"/inventory/sites/{site.pk}/edit/"
    mine, theirs = opened(ann, url), opened(ben, url)
    save(ben, url, theirs, description="bens")
    page = save(ann, url, mine, description="anns")
    assert "Save mine over it" in page.content.decode()
    assert f'href="{url}">Take what is stored' in page.content.decode()
    fresh = page.content.decode().split('name="_version" value="')[1].split('"')[0]
    assert fresh != mine["_version"]
    assert save(ann, url, mine, description="anns", _version=fresh).status_code == 302
    assert Site.objects.get(pk=site.pk).description == "anns"


def test_saving_over_it_does_not_pass_over_a_third_change(ann, ben, site):
    url = f"/inventory/sites/{site.pk}/edit/"
    mine = opened(ann, url)
    save(ben, url, opened(ben, url), description="first")
    page = save(ann, url, mine, description="anns")
    fresh = page.content.decode().split('name="_version" value="')[1].split('"')[0]
    save(ben, url, opened(ben, url), description="second")
    page = save(ann, url, mine, description="anns", _version=fresh)
    assert page.status_code == 409
    assert "to second" in page.content.decode() and "to first" not in page.content.decode()


def test_tags_that_came_in_between_are_not_lost_silently(ann, ben, site):
    url = f"/inventory/sites/{site.pk}/edit/"
    red, blue = Tag.objects.create(name="red"), Tag.objects.create(name="blue")
    mine, theirs = opened(ann, url), opened(ben, url)
    assert save(ben, url, theirs, tags=[red.pk]).status_code == 302
    page = save(ann, url, mine, tags=[blue.pk])
    assert page.status_code == 409 and "+ red" in page.content.decode()
    assert list(site.tags.all()) == [red]


def test_the_same_change_twice_is_no_clash(ann, ben, site):
    """A double click, or two who agree."""
    url = f"/inventory/sites/{site.pk}/edit/"
    mine, theirs = opened(ann, url), opened(ben, url)
    save(ben, url, theirs, description="same")
    assert save(ann, url, mine, description="same").status_code == 302


def test_what_machines_write_is_no_clash(ann, site):
    url = f"/inventory/sites/{site.pk}/edit/"
    mine = opened(ann, url)
    Site.objects.filter(pk=site.pk).update(updated_at="2020-01-01T00:00:00Z")
    assert save(ann, url, mine, description="anns").status_code == 302


def test_a_secret_that_was_replaced_meanwhile_is_a_clash(ann, ben):
    credential = Credential.objects.create(
        name="c", kind="snmp-community", secret={"version": "2c", "community": "first-secret"}
    )
    url = f"/core/credentials/{credential.pk}/edit/"
    mine, theirs = opened(ann, url), opened(ben, url)
    assert save(ben, url, theirs, snmp_community__community="bens-secret").status_code == 302
    page = save(ann, url, mine, snmp_community__community="anns-secret")
    assert page.status_code == 409 and "bens-secret" not in page.content.decode()
    assert Credential.objects.get(pk=credential.pk).secret["community"] == "bens-secret"


def test_fields_hidden_from_a_person_are_not_told(person, allow, ben, site):
    ann = person("ann")
    allow(ann, "inventory.site", ["view", "change"], hidden=["description"])
    client = Client()
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    url = f"/inventory/sites/{site.pk}/edit/"
    mine = opened(client, url)
    save(ben, url, opened(ben, url), description="secret plan")
    assert save(client, url, mine, name="Bern").status_code == 302
    assert Site.objects.values_list("name", "description").get() == ("Bern", "secret plan")


@pytest.mark.parametrize("version", ["", "x", "1", "-1.0", "1.2.3", "9" * 40 + ".0", "\x00"])
def test_a_text_that_is_no_version_guards_nothing(ann, site, version):
    url = f"/inventory/sites/{site.pk}/edit/"
    assert save(ann, url, opened(ann, url), _version=version, description="x").status_code == 302


@pytest.mark.parametrize(
    "resource",
    sorted((one for one in all_resources() if one.allows("change")), key=lambda one: one.plural),
    ids=lambda one: one.plural,
)
def test_every_form_is_guarded(ann, resource):
    assert resource.model in history.tracked_models()
    obj = make(resource)
    assert 'name="_version"' in ann.get(resource.url("edit", obj.pk)).content.decode()


def test_members_of_a_role_are_guarded_too(ann, ben, person):
    role, cid = Role.objects.create(name="team"), person("cid")
    url = f"/core/roles/{role.pk}/edit/"
    mine, theirs = opened(ann, url), opened(ben, url)
    assert save(ben, url, theirs, users=[cid.pk]).status_code == 302
    assert save(ann, url, mine, description="x").status_code == 409
    assert list(role.users.all()) == [cid]


def test_the_api_refuses_what_was_read_before_a_change(ann, site):
    url = f"/api/v1/sites/{site.pk}/"
    tag = ann.get(url).headers["ETag"]
    json = {"content_type": "application/json"}
    assert ann.patch(url, {"description": "1"}, **json, headers={"If-Match": tag}).status_code == 200
    late = ann.patch(url, {"description": "2"}, **json, headers={"If-Match": tag})
    assert late.status_code == 412 and "changed since" in late.json()["detail"]
    assert ann.delete(url, headers={"If-Match": tag}).status_code == 412
    assert ann.patch(url, {"description": "3"}, **json).status_code == 200
    assert ann.patch(url, {"description": "4"}, **json, headers={"If-Match": "*"}).status_code == 200


@pytest.fixture
def two(ann):
    """Two sites as a list tells them, with their tags."""
    for name in ("a", "b"):
        Site.objects.create(name=name)
    return ann.get("/api/v1/sites/?etags=true&fields=name&ordering=name").json()["results"]


def test_a_list_tells_the_tag_of_each_object(ann, two):
    for one in two:
        assert set(one) == {"id", "name", "_etag"}
        assert ann.get(f"/api/v1/sites/{one['id']}/").headers["ETag"] == one["_etag"]
    assert "_etag" not in ann.get("/api/v1/sites/").json()["results"][0]
    assert list(ann.get("/api/v1/sites/?etags=perhaps").json()) == ["etags"]


def test_many_at_once_are_refused_too_where_one_has_changed(ann, two):
    url, json = "/api/v1/sites/", {"content_type": "application/json"}
    mine = [{**one, "description": "mine"} for one in two]
    assert ann.patch(f"{url}{two[1]['id']}/", {"description": "theirs"}, **json).status_code == 200
    for refused in (ann.patch(url, mine, **json), ann.delete(url, two, **json)):
        assert refused.status_code == 412
        assert refused.json() == {
            "detail": "1 objects have changed since: read them again; nothing was written",
            "errors": {"1": {"_etag": ["The object has changed since: read it again"]}},
        }
    stored = dict(Site.objects.values_list("name", "description"))
    assert stored == {"a": "", "b": "theirs"}

    anyway = [mine[0], {**mine[1], "_etag": "*"}]
    assert ann.patch(url, anyway, **json).status_code == 200
    without = [{"id": one["id"], "description": "late"} for one in two]
    assert ann.patch(url, without, **json).status_code == 200
    fresh = ann.get("/api/v1/sites/?etags=true").json()["results"]
    assert (
        ann.delete(url, [{"id": one["id"], "_etag": one["_etag"]} for one in fresh], **json).status_code
        == 204
    )
    assert not Site.objects.exists()


def test_a_tag_that_is_no_text_is_refused_by_index(ann, two):
    answer = ann.patch("/api/v1/sites/", [two[0], {**two[1], "_etag": 7}], content_type="application/json")
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["1"]


def test_the_api_s_description_tells_of_it(ann):
    paths = ann.get("/api/v1/schema/?format=json").json()["paths"]
    for method in ("put", "patch", "delete"):
        operation = paths["/api/v1/sites/{id}/"][method]
        assert "If-Match" in [one["name"] for one in operation["parameters"]]
        assert "412" in operation["responses"]


def test_the_number_of_queries_does_not_grow_with_history(ann, site, django_assert_max_num_queries):
    url = f"/inventory/sites/{site.pk}/edit/"
    make_named("sites")
    for number in range(30):
        Site.objects.filter(pk=site.pk).update(description=str(number))
    ann.get(url)
    with django_assert_max_num_queries(16):
        ann.get(url)
