"""Forms of checks, channels, rules and routes: fields of the kind, selectors without JSON."""

from typing import Any

import pytest
from django.test import Client

from core.models import Permission, Role, Tag, User
from inventory.models import DeviceRole, Site
from monitoring.models import Channel, Check, Route, Rule, Series
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_superuser("ada", "ada@example.com", "secret")
    client.force_login(user)
    return user


def errors(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 422, answer.status_code
    found: dict[str, Any] = answer.context["form"].errors
    return found


def test_a_check_by_form(client: Client, ada: User) -> None:
    device = make.device("web-1")
    sent = {"device": device.pk, "kind": "http", "enabled": "on", "interval": 60, "poller": "default"}
    sent |= {
        "http__url": "/health",
        "http__status": "200",
        "http__headers": '{"X-A": "b"}',
        "http__verify": "on",
    }
    sent |= {"tcp__port": "not a number, but of another kind"}
    assert client.post("/monitoring/checks/add/", sent).status_code == 302
    check = Check.objects.get(device=device)
    assert check.kind == "http"
    assert check.options["url"] == "/health" and check.options["headers"] == {"X-A": "b"}
    text = client.get(f"/monitoring/checks/{check.pk}/edit/").content.decode()
    assert "/health" in text
    client.post(f"/monitoring/checks/{check.pk}/edit/", {**sent, "http__url": "/other"})
    check.refresh_from_db()
    assert check.options["url"] == "/other"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"kind": "tcp"}, "tcp__port"),
        ({"kind": "tcp", "tcp__port": "70000"}, "tcp__port"),
        ({"kind": "tcp", "tcp__port": "many"}, "tcp__port"),
        ({"kind": "http", "http__headers": "{"}, "http__headers"),
        ({"kind": "http", "http__status": "hundred"}, "http__status"),
        ({"kind": "dns", "dns__type": "XYZ", "dns__name": "x"}, "dns__type"),
        ({"kind": "pigeon"}, "kind"),
    ],
)
def test_a_wrong_option_is_said_at_its_field(
    client: Client, ada: User, options: dict[str, str], field: str
) -> None:
    sent = {"device": make.device().pk, "interval": 60, "poller": "default", **options}
    answer = client.post("/monitoring/checks/add/", sent)
    assert field in errors(answer)
    assert not Check.objects.exists()


def test_what_discovery_found_survives_the_form(client: Client, ada: User) -> None:
    points = [["1.3.6.1.2.1.1.3.0", "uptime", "", 0.01]]
    check = Check.objects.create(device=make.device(), kind="snmp", options={"points": points, "port": 1161})
    sent = {
        "device": check.device_id,
        "kind": "snmp",
        "interval": 30,
        "poller": "default",
        "snmp__port": "2161",
    }
    assert client.post(f"/monitoring/checks/{check.pk}/edit/", sent).status_code == 302
    check.refresh_from_db()
    assert check.options["points"] == points and check.options["port"] == 2161


def test_a_check_that_an_agent_feeds_keeps_its_kind(client: Client, ada: User) -> None:
    check = Check.objects.create(device=make.device(), kind="agent", passive=True)
    sent = {"device": check.device_id, "kind": "agent", "interval": 90, "poller": "default", "enabled": "on"}
    assert client.get(f"/monitoring/checks/{check.pk}/edit/").status_code == 200
    assert client.post(f"/monitoring/checks/{check.pk}/edit/", sent).status_code == 302
    check.refresh_from_db()
    assert (check.kind, check.interval) == ("agent", 90)
    assert "kind" in errors(client.post(f"/monitoring/checks/{check.pk}/edit/", {**sent, "kind": "tcp"}))


def test_a_channel_keeps_secrets_that_are_not_typed_again(client: Client, ada: User) -> None:
    sent = {"name": "ops", "kind": "mail", "enabled": "on", "mail__to": "a@example.com, b@example.com"}
    sent |= {"mail__host": "mx.example.com", "mail__user": "itim", "mail__password": "hunter2-secret"}
    assert client.post("/monitoring/channels/add/", sent).status_code == 302
    channel = Channel.objects.get()
    assert channel.secret == {"password": "hunter2-secret"}
    page = client.get(f"/monitoring/channels/{channel.pk}/edit/").content.decode()
    assert "hunter2-secret" not in page and "a@example.com, b@example.com" in page
    client.post(
        f"/monitoring/channels/{channel.pk}/edit/", {**sent, "mail__password": "", "name": "operations"}
    )
    channel.refresh_from_db()
    assert (channel.name, channel.secret) == ("operations", {"password": "hunter2-secret"})
    hook = {"name": "ops", "kind": "webhook", "webhook__url": "https://x.example.com/"}
    assert client.post(f"/monitoring/channels/{channel.pk}/edit/", hook).status_code == 302
    channel.refresh_from_db()
    assert channel.secret == {}


def rule_form(**more: Any) -> dict[str, Any]:
    base = {"name": "CPU hot", "severity": "warning", "enabled": "on", "metric": "cpu.usage"}
    return {**base, "operator": ">", "threshold": "90", "for_seconds": "60", **more}


def test_a_rule_without_json(client: Client, ada: User) -> None:
    role, site = DeviceRole.objects.create(name="Core"), Site.objects.create(name="Lisbon")
    Tag.objects.create(name="edge")
    where = {
        "where_role": [role.pk],
        "where_site": [site.pk],
        "where_tag": ["edge"],
        "where_status": ["active"],
    }
    sent = rule_form(**where, where_kind=["snmp", "agent"], where_instance="^Gi")
    assert client.post("/monitoring/rules/add/", sent).status_code == 302
    rule = Rule.objects.get(name="CPU hot")
    assert rule.selector == {
        "role": [role.pk], "site": [site.pk], "tag": ["edge"], "status": ["active"],
        "kind": ["snmp", "agent"], "instance": "^Gi",
    }  # fmt: skip
    form = client.get(f"/monitoring/rules/{rule.pk}/edit/").context["form"]
    assert form["where_instance"].value() == "^Gi" and form["where_role"].value() == [role.pk]
    client.post(f"/monitoring/rules/{rule.pk}/edit/", rule_form())
    rule.refresh_from_db()
    assert rule.selector == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"where_instance": "("}, "where_instance"),
        ({"where_role": ["99999"]}, "where_role"),
        ({"where_kind": ["pigeon"]}, "where_kind"),
        ({"metric": "no.such"}, "metric"),
        ({"recovery": "95"}, "recovery"),
        ({"threshold": "nan"}, "threshold"),
        ({"threshold": ""}, "threshold"),
    ],
)
def test_a_wrong_rule_is_said_at_its_field(
    client: Client, ada: User, change: dict[str, Any], field: str
) -> None:
    assert field in errors(client.post("/monitoring/rules/add/", rule_form(**change)))
    assert not Rule.objects.filter(name="CPU hot").exists()


def test_sites_that_one_may_not_see_stay_in_the_selector(client: Client) -> None:
    mine, other = Site.objects.create(name="mine"), Site.objects.create(name="other")
    rule = Rule.objects.create(
        name="CPU hot", metric="cpu.usage", threshold=1, selector={"site": [mine.pk, other.pk]}
    )
    user = User.objects.create_user("bob", "bob@example.com", "secret")
    role = Role.objects.create(name="limited")
    role.users.add(user)
    Permission.objects.create(role=role, resource="monitoring.*", actions=["*"])
    Permission.objects.create(
        role=role, resource="inventory.site", actions=["view"], constraint={"id": mine.pk}
    )
    client.force_login(user)
    assert client.post(f"/monitoring/rules/{rule.pk}/edit/", rule_form()).status_code == 302
    rule.refresh_from_db()
    assert rule.selector == {"site": [other.pk]}


def test_a_route_without_channels_swallows(client: Client, ada: User) -> None:
    sent = {"name": "quiet lab", "order": 1, "min_severity": "info", "delay": 0, "repeat": 0, "stop": "on"}
    assert (
        client.post("/monitoring/routes/add/", {**sent, "where_status": ["maintenance"]}).status_code == 302
    )
    assert Route.objects.get().selector == {"status": ["maintenance"]}


def test_the_reach_of_a_rule_as_it_is_written(client: Client, ada: User) -> None:
    for name, instances in (("a", ("Gi1", "Gi2", "lo")), ("b", ("Gi1",))):
        check = Check.objects.create(device=make.device(name), kind="snmp")
        for slot, instance in enumerate(instances):
            Series.objects.create(
                source=check, part=0, slot=slot, metric="if.up", instance=instance, kind="state"
            )

    def reach(**more: Any) -> str:
        answer = client.post("/monitoring/rules/reach/", rule_form(metric="if.up", **more))
        assert answer.status_code == 200
        return " ".join(answer.content.decode().replace("<strong>", "").replace("</strong>", "").split())

    assert "4 series of 2 checks on 2 devices" in reach()
    assert "3 series of 2 checks on 2 devices" in reach(where_not_instance="^lo")
    assert "1 series of 1 check on 1 device " in reach(where_instance="2$")
    assert "nothing" in reach(where_kind=["ping"])
    assert "pattern is wrong" in reach(where_instance="(")
    rule = Rule.objects.create(name="x", metric="if.up", threshold=0, selector={"instance": "^Gi"})
    assert "<strong>3</strong> series" in client.get(f"/monitoring/rules/{rule.pk}/").content.decode()
