"""Two who write at once: rows are locked in the order of their keys, a clash is tried again, then told."""

import threading
from contextlib import ExitStack, contextmanager

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from core import actions
from core.models import Tag, User
from core.resources import resource_of
from core.resources.locking import lock
from core.resources.writing import delete
from inventory.models import Site

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30


@pytest.fixture
def boss():
    return User.objects.create_superuser("boss", "boss@example.com", "x")


@pytest.fixture
def client(boss):
    client = Client()
    client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def other():
    """A second connection to this test's database."""
    settings = connection.settings_dict
    second = psycopg2.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
    )
    yield second
    second.close()


@pytest.fixture
def sites():
    return [Site.objects.create(name=name) for name in "abc"]


def hold(other, site):
    other.cursor().execute("SELECT 1 FROM inventory_site WHERE id = %s FOR UPDATE", [site.pk])


@contextmanager
def meanwhile(act):
    """Run a request in a thread until the database makes it wait; then the block; then it must have ended."""
    found = []

    def run():
        try:
            found.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    waiting = threading.Event()
    for _ in range(PATIENCE * 50):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database()"
            )
            if cursor.fetchone()[0] or not thread.is_alive():
                break
        waiting.wait(0.02)
    assert thread.is_alive(), f"it did not wait: {found}"
    yield found
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_rows_are_locked_in_the_order_of_their_keys(other, sites):
    """Whatever the order asked for and that of the table: who waits for the first holds none behind it."""
    Site.objects.filter(pk=sites[0].pk).update(description="now the last of the table")
    hold(other, sites[0])

    def act():
        with transaction.atomic():
            return list(lock(Site, [sites[2].pk, sites[1].pk, sites[0].pk]))

    with meanwhile(act) as found:
        ask = other.cursor()
        ask.execute("SELECT id FROM inventory_site WHERE id > %s FOR UPDATE NOWAIT", [sites[0].pk])
        assert len(ask.fetchall()) == 2
        other.commit()
    assert found == [[one.pk for one in sites]]


def test_a_list_by_the_api_waits_without_holding_others_up(client, other, sites):
    hold(other, sites[0])
    sent = [{"id": one.pk, "description": "x"} for one in reversed(sites)]

    def act():
        return client.patch("/api/v1/sites/", sent, content_type="application/json").status_code

    with meanwhile(act) as found:
        other.cursor().execute("SELECT id FROM inventory_site WHERE id > %s FOR UPDATE NOWAIT", [sites[0].pk])
        other.commit()
    assert found == [200]


def test_bulk_edit_adds_tags_to_what_is_there_by_then(client, other, sites):
    old, new = Tag.objects.create(name="old"), Tag.objects.create(name="new")
    hold(other, sites[0])
    sent = {"do": "edit", "_apply": "1", "count": "1", "pk": [sites[0].pk], "_add_tags": [new.pk]}
    with meanwhile(lambda: client.post("/inventory/sites/bulk/", sent).status_code) as found:
        other.cursor().execute(
            "INSERT INTO inventory_site_tags (site_id, tag_id) VALUES (%s, %s)", [sites[0].pk, old.pk]
        )
        other.commit()
    assert found == [302]
    assert set(sites[0].tags.all()) == {old, new}


def test_bulk_edit_writes_only_what_was_chosen(client, other, sites):
    hold(other, sites[0])
    sent = {"do": "edit", "_apply": "1", "count": "1", "pk": [sites[0].pk],
            "_set": ["description"], "description": "mine"}  # fmt: skip
    with meanwhile(lambda: client.post("/inventory/sites/bulk/", sent).status_code) as found:
        other.cursor().execute("UPDATE inventory_site SET name = 'renamed' WHERE id = %s", [sites[0].pk])
        other.commit()
    assert found == [302]
    assert Site.objects.values_list("name", "description").get(pk=sites[0].pk) == ("renamed", "mine")


def test_a_form_waits_and_then_tells_what_came_in_between(client, other, sites):
    url = f"/inventory/sites/{sites[0].pk}/edit/"
    page = client.get(url)
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"_version": page.context["version"], "description": "mine"}
    hold(other, sites[0])
    with meanwhile(lambda: client.post(url, sent).status_code) as found:
        other.cursor().execute("UPDATE inventory_site SET description='theirs' WHERE id = %s", [sites[0].pk])
        other.commit()
    assert found == [409]
    assert Site.objects.get(pk=sites[0].pk).description == "theirs"


def test_an_import_waits_and_then_finds_that_it_would_do_something_else(client, other, sites):
    file = SimpleUploadedFile("s.csv", b"name,description\na,mine\n")
    token = client.post("/inventory/sites/import/", {"file": file}).context["upload"].token
    hold(other, sites[0])
    act = client.post
    with meanwhile(lambda: act("/inventory/sites/import/", {"token": token}).status_code) as found:
        other.cursor().execute("UPDATE inventory_site SET description='theirs' WHERE id = %s", [sites[0].pk])
        other.commit()
    assert found == [409]
    assert Site.objects.get(pk=sites[0].pk).description == "theirs"


@pytest.fixture
def clashing():
    """clashing(n): the database refuses the next n writes of sites, as it does who loses a deadlock."""

    def make(times):
        with connection.cursor() as cursor:
            cursor.execute("CREATE SEQUENCE clashes")
            cursor.execute(
                "CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF nextval('clashes') <= {times} THEN RAISE EXCEPTION 'deadlock detected' "
                "USING ERRCODE = '40P01'; END IF; RETURN NULL; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER clash AFTER INSERT OR UPDATE OR DELETE ON inventory_site "
                "FOR EACH STATEMENT EXECUTE FUNCTION clash()"
            )

    return make


def ways(client, site):
    """Every way to write a site: (request, the answer when it was done)."""
    json = {"content_type": "application/json"}
    api, page = "/api/v1/sites/", f"/inventory/sites/{site.pk}"
    form = client.get(f"{page}/edit/").context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    file = SimpleUploadedFile("s.csv", b"name,description\na,imported\n")
    token = client.post("/inventory/sites/import/", {"file": file}).context["upload"].token
    bulk = {"do": "edit", "_apply": "1", "count": "1", "pk": [site.pk], "_set": ["description"]}
    return {
        "api post": (lambda: client.post(api, {"name": "new"}, **json), 201),
        "api patch": (lambda: client.patch(f"{api}{site.pk}/", {"description": "x"}, **json), 200),
        "api list": (lambda: client.patch(api, [{"id": site.pk, "description": "x"}], **json), 200),
        "api delete": (lambda: client.delete(f"{api}{site.pk}/"), 204),
        "add": (lambda: client.post("/inventory/sites/add/", sent | {"name": "new"}), 302),
        "edit": (lambda: client.post(f"{page}/edit/", sent | {"description": "x"}), 302),
        "delete": (lambda: client.post(f"{page}/delete/"), 302),
        "bulk": (lambda: client.post("/inventory/sites/bulk/", bulk | {"description": "x"}), 302),
        "bulk delete": (
            lambda: client.post("/inventory/sites/bulk/", bulk | {"do": "delete"}),
            302,
        ),
        "import": (lambda: client.post("/inventory/sites/import/", {"token": token}), 302),
    }


WAYS = ("api post", "api patch", "api list", "api delete", "add", "edit", "delete", "bulk", "bulk delete",
        "import")  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_who_loses_a_deadlock_is_tried_again(client, sites, clashing, way):
    act, done = ways(client, sites[0])[way]
    clashing(1)
    assert act().status_code == done


@pytest.mark.parametrize("way", WAYS)
def test_who_loses_twice_is_told_and_nothing_is_written(client, sites, clashing, way):
    act, _ = ways(client, sites[0])[way]
    before = list(Site.objects.order_by("pk").values("name", "description"))
    clashing(1000)
    answer = act()
    assert answer.status_code == 409
    assert "try again" in answer.content.decode()
    assert list(Site.objects.order_by("pk").values("name", "description")) == before


def deactivate(actor, user):
    actions.set_active(actor, user, False)


def remove(actor, user):
    delete(actor, resource_of(User), [user])


@pytest.mark.parametrize("act", [deactivate, remove])
def test_two_administrators_do_not_throw_each_other_out_at_the_same_moment(boss, act):
    ann = User.objects.create_superuser("ann", "ann@example.com", "x")

    def strike_back():
        try:
            with transaction.atomic():
                act(ann, boss)
        except (PermissionDenied, ValidationError) as error:
            return str(error)

    with ExitStack() as ended, transaction.atomic():
        act(boss, User.objects.get(pk=ann.pk))
        found = ended.enter_context(meanwhile(strike_back))
    assert "last administrator" in found[0]
    assert User.objects.get(is_active=True).username == "boss"
