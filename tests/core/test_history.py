"""History: who changed what, why and from where, in words; whatever way the change was made."""

import json

import pytest
from django.db import connection, transaction
from django.test import Client, RequestFactory

from core import history, panels
from core.access import SYSTEM
from core.history import changes, context
from core.middleware import HistoryMiddleware, client_ip
from core.models import Credential, RelationChange, Role, Tag, Upload, User
from core.recent import Wanted, recent, together
from inventory.models import Device, DeviceRole, Interface, Site

pytestmark = pytest.mark.django_db


def steps(obj, **kwargs):
    return [(one.kind, [step[:3] for step in one.differences]) for one in changes(obj, **kwargs)]


def test_a_change_reads_as_labels_and_names_not_as_keys(person):
    user = person("ann")
    zurich, bern = (Site.objects.create(name=name) for name in ("Zurich", "Bern"))
    device = Device.objects.create(name="sw1", site=zurich)
    with context(user=user, why="moved", source="api", ip="10.0.0.9"):
        device.site, device.status = bern, Device.Status.IN_STOCK
        device.save()
    change = changes(device)[0]
    assert (change.who, change.why, change.source, change.ip) == ("ann", "moved", "api", "10.0.0.9")
    assert [step[:3] for step in change.differences] == [
        ("Status", "Active", "In stock"),
        ("Site", "Zurich", "Bern"),
    ]


def test_creation_names_what_was_set_and_nothing_empty():
    device = Device.objects.create(name="sw1")
    assert steps(device) == [("created", [("Name", "", "sw1"), ("Status", "", "Active")])]


def test_booleans_and_nothing():
    port = Interface.objects.create(device=Device.objects.create(name="a"), name="eth0", mtu=1500)
    Interface.objects.filter(pk=port.pk).update(admin_up=False, mtu=None)
    assert steps(port)[0] == ("changed", [("MTU", "1500", ""), ("Admin up", "Yes", "No")])


@pytest.mark.parametrize("way", ["bulk_update", "queryset", "sql"])
def test_bulk_writes_and_plain_sql_are_caught(way):
    devices = Device.objects.bulk_create([Device(name="a"), Device(name="b")])
    with context(source="import", why="list of the year"):
        if way == "bulk_update":
            for device in devices:
                device.serial = "X"
            Device.objects.bulk_update(devices, ["serial"])
        elif way == "queryset":
            Device.objects.update(serial="X")
        else:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE inventory_device SET serial = %s", ["X"])
    for device in devices:
        change = changes(device)[0]
        assert (change.source, change.why) == ("import", "list of the year")
        assert [step[:3] for step in change.differences] == [("Serial number", "", "X")]


def test_tags_that_come_and_go_are_history():
    device = Device.objects.create(name="a")
    red, blue = Tag.objects.create(name="red"), Tag.objects.create(name="blue")
    with context(source="page"):
        device.tags.set([red, blue])
    with context(source="page"):
        device.name = "b"
        device.save()
        device.tags.set([blue])
    told = [differences for _, differences in steps(device)]
    assert [("Name", "a", "b"), ("Tags", "− red", "")] in told
    assert [("Tags", "", "+ blue, red")] in told


def test_people_of_a_role_are_history(person):
    role = Role.objects.create(name="night shift")
    role.users.add(person("ann"))
    assert steps(role)[0] == ("changed", [("Users", "", "+ ann")])


def test_deletion_keeps_name_and_who(person):
    user, device = person("ann"), Device.objects.create(name="gone")
    with context(user=user, why="scrapped"):
        device.delete()
    last = recent(SYSTEM, Wanted(model="inventory.device"))[0]
    assert (last.kind, last.name, last.who, last.why) == ("deleted", "gone", "ann", "scrapped")


def test_secrets_and_passwords_never_enter_history(person):
    user = person("ann")
    user.set_password("hunter2hunter2")
    user.save()
    assert [step.label for step in changes(user)[0].differences] == ["Password changed at"]
    credential = Credential.objects.create(
        name="x", kind="snmp-community", secret={"community": "hidden-community"}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(e)::text FROM core_credentialevent e "
            "UNION ALL SELECT to_jsonb(e)::text FROM core_userevent e"
        )
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert 'secret":' not in kept
    assert 'password":' not in kept
    assert user.password not in kept
    assert "hidden-community" not in kept
    assert "hidden-community" not in str(steps(credential))


def test_hidden_fields_are_left_out():
    device = Device.objects.create(name="a", serial="S1", notes="private")
    device.tags.add(Tag.objects.create(name="t"))
    shown = str(steps(device, hidden={"serial", "tags"}))
    assert "S1" not in shown and "Tags" not in shown and "private" in shown


def test_limit_and_order(django_assert_max_num_queries):
    device = Device.objects.create(name="0")
    for number in range(1, 6):
        Device.objects.filter(pk=device.pk).update(name=str(number))
    with django_assert_max_num_queries(8):
        found = changes(device, limit=3)
    assert [step.after for one in found for step in one.differences] == ["5", "4", "3"]
    assert [step.before for one in found for step in one.differences] == ["4", "3", "2"]


def test_queries_do_not_grow_with_changes(django_assert_num_queries):
    def count(device):
        with connection.execute_wrapper(lambda run, *rest: (seen.append(1), run(*rest))[1]):
            changes(device)
        return len(seen)

    sites = [Site.objects.create(name=f"s{n}") for n in range(6)]
    roles = [DeviceRole.objects.create(name=f"r{n}") for n in range(6)]
    few = Device.objects.create(name="few", site=sites[0], role=roles[0])
    many = Device.objects.create(name="many", site=sites[0], role=roles[0])
    for site, role in zip(sites, roles, strict=True):
        Device.objects.filter(pk=many.pk).update(site=site, role=role)
    seen = []
    one = count(few)
    seen = []
    assert count(many) == one


def test_inner_context_is_its_own_and_the_outer_comes_back(person):
    ann, bob = person("ann"), person("bob")
    device = Device.objects.create(name="0")
    with context(user=ann, why="outer", source="page"):
        with context(user=bob, why="inner", source="import"):
            Device.objects.filter(pk=device.pk).update(name="1")
        Device.objects.filter(pk=device.pk).update(name="2")
    Device.objects.filter(pk=device.pk).update(name="3")
    told = [(one.who, one.why, one.source) for one in changes(device)[:3]]
    assert told == [("", "", ""), ("ann", "outer", "page"), ("bob", "inner", "import")]


def test_context_refuses_a_source_that_does_not_exist():
    with pytest.raises(ValueError, match="elsewhere"), context(source="elsewhere"):
        pass


def test_text_that_jsonb_does_not_take_is_cleaned():
    device = Device.objects.create(name="0")
    with context(why="a\x00b\ud800", url="/\x00"):
        Device.objects.filter(pk=device.pk).update(name="1")
    assert changes(device)[0].why == "ab?"


@pytest.mark.parametrize(
    ("request_arguments", "why"),
    [
        ({"data": {"_why": "by form"}}, "by form"),
        ({"data": {"_why": "by form"}, "HTTP_X_CHANGE_REASON": "by header"}, "by header"),
        ({"data": {}, "HTTP_X_CHANGE_REASON": "f%C3%BCr"}, "für"),
        ({"data": json.dumps({"_why": "no"}), "content_type": "application/json"}, ""),
        ({"data": {"_why": "x" * 900}}, "x" * 500),
    ],
)
def test_middleware_says_who_why_and_from_where(person, request_arguments, why):
    request = RequestFactory().post("/api/v1/devices/", REMOTE_ADDR="192.0.2.7", **request_arguments)
    request.user = person("ann")
    seen = {}
    HistoryMiddleware(lambda _: seen.update(history.current()))(request)
    assert seen.pop("why", "") == why
    assert seen.pop("user") == request.user.pk
    assert seen == {"username": "ann", "source": "api", "ip": "192.0.2.7", "url": "/api/v1/devices/"}
    assert history.current() == {}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.5", "192.0.2.7"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        (2, "203.0.113.5", "192.0.2.7"),
        (1, "", "192.0.2.7"),
    ],
)
def test_the_address_of_who_asks_cannot_be_forged(settings, proxies, forwarded, expected):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


def test_recent_changes_are_those_one_may_see(person, allow):
    zurich, bern = (Site.objects.create(name=name) for name in ("Zurich", "Bern"))
    seen = Device.objects.create(name="seen", site=zurich, serial="S1")
    unseen = Device.objects.create(name="unseen", site=bern)
    tag = Tag.objects.create(name="t")
    seen.tags.add(tag)
    unseen.tags.add(tag)
    unseen.delete()
    user = person("someone")
    allow(user, "inventory.device", ["view"], {"site__name": "Zurich"}, ["serial"])
    found = recent(user, Wanted())
    assert {(one.name, one.kind) for one in found} == {("seen", "created"), ("seen", "changed")}
    assert "S1" not in str(found)
    assert recent(person("stranger"), Wanted()) == []
    assert {one.name for one in recent(SYSTEM, Wanted(model="inventory.device"))} >= {"seen", "unseen"}


def test_recent_changes_by_person_and_time(person):
    ann = person("ann")
    Site.objects.create(name="before")
    with context(user=ann):
        site = Site.objects.create(name="hers")
    found = recent(SYSTEM, Wanted(who="ann"))
    assert [one.name for one in found] == ["hers"]
    at = changes(site)[0].at
    assert recent(SYSTEM, Wanted(who="ann", until=at.replace(year=2001))) == []
    assert [one.name for one in recent(SYSTEM, Wanted(who="ann", since=at, until=at))] == ["hers"]


def test_queries_for_recent_changes_do_not_grow(django_assert_max_num_queries):
    for number in range(3):
        Site.objects.create(name=f"site {number}")
    seen = []
    with connection.execute_wrapper(lambda run, *rest: (seen.append(1), run(*rest))[1]):
        recent(SYSTEM, Wanted())
    Site.objects.bulk_create([Site(name=f"more {number}") for number in range(30)])
    with django_assert_max_num_queries(len(seen)):
        assert len(recent(SYSTEM, Wanted())) >= 33


def test_what_one_act_did_to_many_is_one_line():
    with context(source="import"):
        Site.objects.bulk_create([Site(name=f"s{number}") for number in range(10)])
    Site.objects.create(name="alone")
    groups = together(recent(SYSTEM, Wanted(model="inventory.site")))
    assert [len(group) for group in groups] == [1, 10]


def test_page_filters_and_shows_only_what_one_may_see(as_person, person):
    with context(user=person("bob"), why="<b>because</b>", source="page"):
        Site.objects.create(name="Geneva")
        User.objects.create_user("secretive")
    page = as_person("eve", "viewer").get("/history/", {"who": "bob"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Geneva" in text and "secretive" not in text
    assert "&lt;b&gt;because&lt;/b&gt;" in text and "<b>because" not in text
    assert "secretive" in as_person("root", "administrator").get("/history/").content.decode()
    assert as_person("nobody").get("/history/").content.decode().count("Geneva") == 0
    assert Client().get("/history/").status_code == 302


@pytest.mark.parametrize("query", ["since=soon", "model=core.nothing", "until=2026-13-01", "who=%00"])
def test_page_survives_a_bad_filter(as_person, query):
    assert as_person("eve", "viewer").get(f"/history/?{query}").status_code == 200


def test_every_tracked_object_has_a_history_panel(rf, person):
    request = rf.get("/")
    request.user = person("root", "administrator")
    device = Device.objects.create(name="sw1")
    shown = [panel for panel in panels.of(request, device) if panel.template == "core/panels/history.html"]
    assert [entry["title"] for entry in shown[0].context["entries"]] == ["Created"]
    upload = Upload.objects.create(owner=request.user, resource="tags", name="untracked", content=b"")
    assert not [panel for panel in panels.of(request, upload) if panel.template == "core/panels/history.html"]


def test_a_rolled_back_change_leaves_no_history():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        device = Device.objects.create(name="x")
        device.tags.add(Tag.objects.create(name="t"))
        raise ZeroDivisionError
    assert not RelationChange.objects.exists()
    assert not recent(SYSTEM, Wanted(model="inventory.device"))
