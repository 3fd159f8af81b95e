"""/api/v1/alerts/ and its commands, /api/v1/notifications/, rules and channels by API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Permission, Role, User
from monitoring.models import Alert, Channel, Rule
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_superuser("ada", "ada@example.com", "secret")
    client.force_login(user)
    return user


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"{API}{path}", body, content_type="application/json")


def test_list_filters_orders_and_counts(client: Client, ada: User) -> None:
    first = make.fire(make.device("a"), severity="critical")
    make.fire(make.device("b"), severity="info")
    answer = client.get(f"{API}/alerts/", {"severity": "critical", "status": "firing"}).json()
    assert answer["count"] == 1 and answer["results"][0]["id"] == first.pk
    assert answer["results"][0]["device"]["name"] == "a"
    names = [
        one["device"]["name"] for one in client.get(f"{API}/alerts/?ordering=-device__name").json()["results"]
    ]
    assert names == ["b", "a"]


def test_alerts_are_written_by_machines_only(client: Client, ada: User) -> None:
    alert = make.fire(make.device())
    assert post(client, "/alerts/", {"text": "made up"}).status_code == 403
    changed = client.patch(f"{API}/alerts/{alert.pk}/", {"text": "x"}, content_type="application/json")
    assert changed.status_code in (400, 403)
    assert client.delete(f"{API}/alerts/{alert.pk}/").status_code == 403


def test_commands_on_one_alert(client: Client, ada: User) -> None:
    alert = make.fire(make.device())
    path = f"/alerts/{alert.pk}"
    until = (timezone.now() + timedelta(hours=2)).replace(microsecond=0)
    for command, body in (
        ("acknowledge", {"text": "mine"}),
        ("comment", {"text": "still mine"}),
        ("snooze", {"until": until.isoformat()}),
    ):
        assert post(client, f"{path}/{command}/", body).json() == {"changed": 1}
    alert.refresh_from_db()
    assert alert.acknowledged_by == ada and alert.snoozed_until == until
    assert post(client, f"{path}/acknowledge/", {}).json() == {"changed": 0}
    assert post(client, f"{path}/unsnooze/", {}).json() == {"changed": 1}
    assert post(client, f"{path}/unacknowledge/", {}).json() == {"changed": 1}
    assert [event.text for event in alert.events.filter(by=ada)][:2] == ["mine", "still mine"]


@pytest.mark.parametrize(
    ("command", "body", "field"),
    [
        ("comment", {}, "text"),
        ("comment", {"text": 7}, "text"),
        ("comment", {"text": "a\x00b"}, "detail"),
        ("comment", [], "detail"),
        ("acknowledge", {"txet": "x"}, "txet"),
        ("acknowledge", {"until": "2030-01-01T00:00:00Z"}, "until"),
        ("snooze", {}, "until"),
        ("snooze", {"until": "yesterday"}, "until"),
        ("snooze", {"until": "2001-01-01T00:00:00Z"}, "until"),
        ("snooze", {"until": "2026-13-45T99:99:99Z"}, "until"),
        ("snooze", {"until": 5}, "until"),
    ],
)
def test_bad_bodies_name_the_field(client: Client, ada: User, command: str, body: Any, field: str) -> None:
    alert = make.fire(make.device())
    answer = post(client, f"/alerts/{alert.pk}/{command}/", body)
    assert answer.status_code == 400 and field in answer.json()
    assert alert.events.count() == 1


def test_many_at_once_are_all_or_nothing(client: Client, ada: User) -> None:
    alerts = [make.fire(make.device()) for _ in range(3)]
    ids = [alert.pk for alert in alerts]
    answer = post(client, "/alerts/acknowledge/", {"ids": [*ids, 987654321]})
    assert answer.status_code == 400 and "987654321" in answer.json()["ids"][0]
    assert not Alert.objects.exclude(acknowledged_at=None).exists()
    assert post(client, "/alerts/acknowledge/", {"ids": ids}).json() == {"changed": 3}


@pytest.mark.parametrize("ids", [None, [], "1", [True], ["1"], [0], [-1], [2**64], list(range(1, 5002))])
def test_bad_lists_of_ids(client: Client, ada: User, ids: Any) -> None:
    answer = post(client, "/alerts/acknowledge/", {"ids": ids})
    assert answer.status_code == 400 and "ids" in answer.json()


def test_a_stranger_may_do_nothing(client: Client) -> None:
    alert = make.fire(make.device())
    assert post(client, f"/alerts/{alert.pk}/acknowledge/", {}).status_code in (401, 403)
    user = User.objects.create_user("bob", "bob@example.com", "secret")
    client.force_login(user)
    assert post(client, f"/alerts/{alert.pk}/acknowledge/", {}).status_code == 403
    role = Role.objects.create(name="looks")
    role.users.add(user)
    for resource in ("monitoring.*", "inventory.*"):
        Permission.objects.create(role=role, resource=resource, actions=["view"])
    assert post(client, "/alerts/acknowledge/", {"ids": [alert.pk]}).status_code == 403
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_delivery_log(client: Client, ada: User) -> None:
    assert client.get(f"{API}/notifications/").json()["results"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metric": "no.such"}, "metric"),
        ({"selector": {"instance": "("}}, "selector"),
        ({"selector": {"color": ["red"]}}, "selector"),
        ({"selector": []}, "selector"),
        ({"recovery": 99}, "recovery"),
        ({"severity": "awful"}, "severity"),
    ],
)
def test_rules_that_cannot_work_are_refused(
    client: Client, ada: User, change: dict[str, Any], field: str
) -> None:
    body = {"name": "CPU hot", "metric": "cpu.usage", "operator": ">", "threshold": 90} | change
    answer = post(client, "/rules/", body)
    assert answer.status_code == 400 and list(answer.json()) == [field], answer.json()
    assert not Rule.objects.filter(name="CPU hot").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"kind": "webhook"}, "options"),
        ({"kind": "webhook", "options": {"url": "gopher://x"}}, "options"),
        ({"kind": "mail", "options": {"to": ["nobody"]}}, "options"),
        ({"kind": "apprise", "secret": {"url": "nothing"}}, "secret"),
    ],
)
def test_channels_that_cannot_work_are_refused(
    client: Client, ada: User, body: dict[str, Any], field: str
) -> None:
    answer = post(client, "/channels/", {"name": "ops", **body})
    assert answer.status_code == 400 and field in answer.json(), answer.json()
    assert not Channel.objects.exists()


def test_secrets_of_channels_never_come_out(client: Client, ada: User) -> None:
    body = {
        "name": "ops",
        "kind": "webhook",
        "options": {"url": "https://x.example.com/"},
        "secret": {"key": "very-secret-key"},
    }
    answer = post(client, "/channels/", body)
    assert answer.status_code == 201 and "very-secret-key" not in answer.content.decode()
    pk = answer.json()["id"]
    for path in (f"{API}/channels/{pk}/", f"/monitoring/channels/{pk}/", f"/monitoring/channels/{pk}/edit/"):
        assert "very-secret-key" not in client.get(path).content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"kind": "tcp"}, "options"),
        ({"kind": "tcp", "options": {"port": 99999}}, "options"),
        ({"kind": "ping", "interval": 1}, "interval"),
    ],
)
def test_checks_that_cannot_run_are_refused(
    client: Client, ada: User, body: dict[str, Any], field: str
) -> None:
    answer = post(client, "/checks/", {"device": make.device().pk, **body})
    assert answer.status_code == 400 and field in answer.json(), answer.json()
