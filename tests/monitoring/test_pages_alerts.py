"""The alert console and an alert's page: what they show to whom, and what people do there."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Permission, Role, User
from inventory.models import Site
from monitoring.alerting import actions, commands
from monitoring.models import Alert, Notification
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db
CONSOLE = "/monitoring/alerts/"


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_superuser("ada", "ada@example.com", "secret", first_name="Ada", last_name="L")
    client.force_login(user)
    return user


def limited(*grants: tuple[str, list[str], Any]) -> User:
    """Somebody with just these permissions: (resource, actions, constraint)."""
    user = User.objects.create_user("bob", "bob@example.com", "secret")
    role = Role.objects.create(name="limited")
    role.users.add(user)
    for resource, verbs, constraint in grants:
        Permission.objects.create(role=role, resource=resource, actions=verbs, constraint=constraint)
    return user


def listed(client: Client, **query: Any) -> list[str]:
    """Texts of the alerts that the console shows."""
    return [alert.text for alert in client.get(CONSOLE, query).context["page_obj"].object_list]


def named(text: str, **fields: Any) -> Alert:
    alert = make.fire(make.device(f"device of {text}"), severity=fields.pop("severity", "critical"))
    Alert.objects.filter(pk=alert.pk).update(text=text, **fields)
    alert.refresh_from_db()
    return alert


@pytest.fixture
def zoo(ada: User) -> dict[str, Alert]:
    """One alert in every state, and one that is pending."""
    now = timezone.now()
    alerts = {
        name: named(name)
        for name in ("firing", "acknowledged", "snoozed", "explained", "resolved", "pending")
    }
    actions.acknowledge([alerts["acknowledged"]], ada)
    actions.snooze([alerts["snoozed"]], ada, now + timedelta(hours=1))
    Alert.objects.filter(pk=alerts["explained"].pk).update(suppressed_by=alerts["firing"])
    Alert.objects.filter(pk=alerts["resolved"].pk).update(status="resolved", resolved_at=now)
    Alert.objects.filter(pk=alerts["pending"].pk).update(status="pending")
    return alerts


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("", {"firing", "acknowledged"}),
        ("open", {"firing", "acknowledged"}),
        ("firing", {"firing"}),
        ("acknowledged", {"acknowledged"}),
        ("snoozed", {"snoozed"}),
        ("explained", {"explained"}),
        ("resolved", {"resolved"}),
    ],
)
def test_each_state_shows_its_alerts(
    client: Client, zoo: dict[str, Alert], state: str, expected: set[str]
) -> None:
    answer = client.get(CONSOLE, {"state": state})
    assert {alert.text for alert in answer.context["page_obj"].object_list} == expected
    assert answer.context["page_obj"].paginator.count == len(expected)
    counts = {tab["label"]: tab["count"] for tab in answer.context["tabs"]}
    if state != "resolved":
        assert counts == {
            "Open": 2, "Unacknowledged": 1, "Acknowledged": 1, "Snoozed": 1, "Explained": 1, "Resolved": None,
        }  # fmt: skip


def test_a_snooze_that_ended_counts_as_open(client: Client, zoo: dict[str, Alert]) -> None:
    Alert.objects.filter(pk=zoo["snoozed"].pk).update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert "snoozed" in listed(client)
    assert listed(client, state="snoozed") == []


def test_filters_narrow_and_numbers_follow(client: Client, ada: User) -> None:
    berlin = Site.objects.create(name="Berlin")
    here = named("disk full", severity="warning")
    here.device.site = berlin
    here.device.save()
    named("disk failed", severity="critical")
    assert set(listed(client, q="disk")) == {"disk full", "disk failed"}
    assert listed(client, site=berlin.pk) == ["disk full"]
    assert listed(client, site="null") == ["disk failed"]
    assert listed(client, device=here.device_id) == ["disk full"]
    assert listed(client, severity=["warning"]) == ["disk full"]
    assert listed(client, q="device of disk fai") == ["disk failed"]
    answer = client.get(CONSOLE, {"site": berlin.pk})
    assert {one["key"]: one["count"] for one in answer.context["severities"]} == {
        "critical": 0, "warning": 1, "info": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "query", [{"site": "x"}, {"site": "99999"}, {"state": "odd"}, {"severity": "odd"}, {"device": "9" * 30}]
)
def test_filters_that_cannot_be_are_named_and_show_nothing(
    client: Client, ada: User, query: dict[str, str]
) -> None:
    named("something")
    answer = client.get(CONSOLE, query)
    assert answer.status_code == 200
    assert next(iter(query)) in " ".join(answer.context["console"].problems)
    assert not answer.context["page_obj"].object_list


def test_the_worst_and_newest_come_first(client: Client, ada: User) -> None:
    now = timezone.now()
    named("old", severity="critical", started_at=now - timedelta(hours=2))
    named("new", severity="critical", started_at=now)
    named("mild", severity="info", started_at=now)
    assert listed(client) == ["new", "old", "mild"]
    assert (
        listed(client, sort="-since") == ["old", "new", "mild"] or listed(client, sort="-since")[0] == "old"
    )
    assert listed(client, sort="device") == ["mild", "new", "old"]


def test_queries_do_not_grow_with_alerts(client: Client, ada: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(CONSOLE)
        return len(seen)

    named("one")
    client.get(CONSOLE)
    few = count()
    parent = named("parent")
    for number in range(12):
        alert = named(f"more {number}", suppressed_by=parent if number % 2 else None)
        actions.acknowledge([alert], ada)
    assert count() <= few


def test_empty_console_is_glad(client: Client, ada: User) -> None:
    assert "All quiet" in client.get(CONSOLE).content.decode()
    assert "No such alert" in client.get(CONSOLE, {"q": "nothing"}).content.decode()


def test_htmx_gets_the_live_part_alone(client: Client, ada: User) -> None:
    named("fire in the hole")
    text = client.get(CONSOLE, headers={"HX-Request": "true"}).content.decode()
    assert "fire in the hole" in text and "<html" not in text and 'id="alerts"' in text


def test_hostile_texts_are_escaped(client: Client, ada: User) -> None:
    alert = named("<script>alert(1)</script>")
    actions.comment([alert], ada, "<img src=x onerror=alert(1)>")
    for path in (CONSOLE, f"{CONSOLE}{alert.pk}/"):
        text = client.get(path).content.decode()
        assert "<script>alert" not in text and "<img src=x" not in text
        assert "&lt;script&gt;" in text


# what people do


def act(client: Client, do: str, *alerts: Alert, **more: Any) -> Any:
    return client.post(f"{CONSOLE}act/", {"do": do, "pk": [alert.pk for alert in alerts], **more})


def test_acknowledge_comment_and_take_back(client: Client, ada: User) -> None:
    one, two = named("one"), named("two")
    assert act(client, "acknowledge", one, two, text="on it").status_code == 302
    one.refresh_from_db()
    assert one.acknowledged_by == ada and one.events.last().text == "on it"
    act(client, "comment", two, text="a word")
    assert two.events.last().kind == "commented"
    act(client, "unacknowledge", one)
    one.refresh_from_db()
    assert one.acknowledged_at is None


@pytest.mark.parametrize(("span", "seconds"), [("30m", 1800), ("1h", 3600), ("4h", 14400)])
def test_snooze_for_a_while(client: Client, ada: User, span: str, seconds: int) -> None:
    alert = named("one")
    before = timezone.now()
    act(client, f"snooze:{span}", alert)
    alert.refresh_from_db()
    assert alert.snoozed_until is not None
    assert abs((alert.snoozed_until - before).total_seconds() - seconds) < 60
    act(client, "unsnooze", alert)
    alert.refresh_from_db()
    assert alert.snoozed_until is None


def test_tomorrow_morning_is_the_users_own(client: Client, ada: User) -> None:
    ada.time_zone = "Asia/Tokyo"
    ada.save()
    alert = named("one")
    act(client, "snooze:tomorrow", alert)
    alert.refresh_from_db()
    assert alert.snoozed_until is not None
    local = alert.snoozed_until.astimezone(ZoneInfo("Asia/Tokyo"))
    today = timezone.now().astimezone(ZoneInfo("Asia/Tokyo")).date()
    assert (local.hour, local.minute, local.date()) == (8, 0, today + timedelta(days=1))


def test_until_a_moment_of_ones_own(client: Client, ada: User) -> None:
    ada.time_zone = "Europe/Zurich"
    ada.save()
    alert = named("one")
    wanted = (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("Europe/Zurich"))
    act(client, "snooze:until", alert, until=f"{wanted:%Y-%m-%dT%H:%M}")
    alert.refresh_from_db()
    assert alert.snoozed_until == wanted.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    "form",
    [
        {"do": "explode"},
        {"do": "snooze:until", "until": "2001-01-01T00:00"},
        {"do": "snooze:until", "until": "2026-13-45T99:99"},
        {"do": "snooze:until", "until": ""},
        {"do": "snooze:eternity"},
        {"do": "comment", "text": "  "},
        {"do": "comment", "text": "x" * 5001},
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    client: Client, ada: User, form: dict[str, str]
) -> None:
    alert = named("one")
    answer = client.post(f"{CONSOLE}act/", {**form, "pk": alert.pk}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert alert.events.count() == 1


def test_nothing_chosen_is_said(client: Client, ada: User) -> None:
    answer = client.post(f"{CONSOLE}act/", {"do": "acknowledge"}, follow=True)
    assert "Choose at least one" in answer.content.decode()


def test_all_that_match(client: Client, ada: User) -> None:
    for number in range(60):
        named(f"flood {number}")
    other = named("drought")
    act(client, "acknowledge", all="1", query="q=flood")
    assert Alert.objects.exclude(acknowledged_at=None).count() == 60
    other.refresh_from_db()
    assert other.acknowledged_at is None


def test_back_leads_nowhere_else(client: Client, ada: User) -> None:
    alert = named("one")
    assert act(client, "acknowledge", alert, back=f"{CONSOLE}{alert.pk}/").url == f"{CONSOLE}{alert.pk}/"
    assert act(client, "acknowledge", alert, back="https://evil.example.com/").url == CONSOLE
    assert act(client, "comment", alert, text="x", query="state=firing&severity=info").url == (
        f"{CONSOLE}?state=firing&severity=info"
    )


# an alert's page


def test_page_of_an_alert(client: Client, ada: User) -> None:
    alert = named("the disk is full")
    child = named("behind it", suppressed_by=alert)
    channel = make.channel("webhook", url="https://x.example.com/")
    event = alert.events.get()
    Notification.objects.create(
        event=event,
        alert=alert,
        channel=channel,
        status="failed",
        error="Server answered 500",
        message_id="m",
    )
    actions.acknowledge([alert], ada, "I have it")
    text = client.get(f"{CONSOLE}{alert.pk}/").content.decode()
    for part in (
        "the disk is full",
        "behind it",
        "Server answered 500",
        "I have it",
        "Ada L",
        alert.device.name,
    ):
        assert part in text
    assert "Explained by" in client.get(f"{CONSOLE}{child.pk}/").content.decode()


def test_pending_alerts_have_no_page(client: Client, zoo: dict[str, Alert]) -> None:
    assert client.get(f"{CONSOLE}{zoo['pending'].pk}/").status_code == 404


# who may


def test_a_stranger_sees_nothing(client: Client) -> None:
    alert = named("secret trouble")
    assert client.get(CONSOLE).status_code == 302
    client.force_login(limited())
    for path in (CONSOLE, f"{CONSOLE}{alert.pk}/"):
        answer = client.get(path)
        assert answer.status_code in (403, 404) and "secret trouble" not in answer.content.decode()
    assert act(client, "acknowledge", alert).status_code == 403
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_alerts_of_devices_that_one_may_not_see_are_not_there(client: Client) -> None:
    mine, other = named("mine"), named("other")
    grants = ("inventory.device", ["view"], {"id": mine.device_id}), ("monitoring.*", ["*"], None)
    client.force_login(limited(*grants))
    assert listed(client) == ["mine"]
    assert client.get(f"{CONSOLE}{other.pk}/").status_code == 404
    act(client, "acknowledge", mine, other)
    assert list(Alert.objects.exclude(acknowledged_at=None)) == [mine]


def test_who_may_only_look_gets_no_buttons(client: Client) -> None:
    alert = named("look at me")
    client.force_login(limited(("monitoring.*", ["view"], None), ("inventory.*", ["view"], None)))
    for path in (CONSOLE, f"{CONSOLE}{alert.pk}/"):
        text = client.get(path).content.decode()
        assert "look at me" in text and 'value="acknowledge"' not in text
    assert act(client, "acknowledge", alert).status_code == 403


def test_a_morning_before_the_clocks_change() -> None:
    with timezone.override("Europe/Berlin"):
        now = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        assert commands.snooze_end("tomorrow", now).isoformat() == "2026-03-29T08:00:00+02:00"
