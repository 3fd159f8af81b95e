"""What happened to an alert becomes the right messages, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import Dependency, Service
from monitoring import signals
from monitoring.alerting import dispatch
from monitoring.alerting.actions import acknowledge, snooze, wake_snoozed
from monitoring.models import Alert, AlertEvent, Check, Notification
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db
Status = Notification.Status


def statuses(alert):
    return [row.status for row in alert.notifications.order_by("pk")]


def sent(alert):
    """As if delivery had been there."""
    alert.notifications.filter(status=Status.WAITING).update(status=Status.SENT, sent_at=timezone.now())


def test_a_fired_alert_waits_for_every_channel_of_its_routes_once():
    make.channel(to=["a@example.org"])
    make.channel(to=["b@example.org"])
    alert = make.fire(make.device())
    assert dispatch.dispatch() == 1
    assert dispatch.dispatch() == 0
    assert statuses(alert) == [Status.WAITING] * 2
    assert len({row.message_id for row in alert.notifications.all()}) == 2


def test_a_repeated_event_makes_no_second_message():
    make.channel(to=["a@example.org"])
    alert = make.fire(make.device())
    dispatch.dispatch()
    alert.events.update(processed_at=None)
    dispatch.dispatch()
    assert statuses(alert) == [Status.WAITING]


@pytest.mark.parametrize(
    ("route", "heard"),
    [
        ({"min_severity": "critical"}, False),
        ({"min_severity": "warning"}, True),
        ({"enabled": False}, False),
        ({"selector": {"status": ["active"]}}, True),
        ({"selector": {"status": ["retired"]}}, False),
        ({"selector": {"instance": "^/var$"}}, True),
        ({"selector": {"instance": "^/home$"}}, False),
    ],
)
def test_routes_pick(route, heard):
    channel = make.channel(to=["a@example.org"])
    channel.routes.all().delete()
    make.route(channel, **route)
    alert = make.fire(make.device(), metric="disk.usage", severity="warning", instance="/var")
    dispatch.dispatch()
    assert bool(statuses(alert)) is heard


def test_a_route_that_stops_ends_the_list():
    first, second = make.channel(to=["a@example.org"]), make.channel(to=["b@example.org"])
    first.routes.update(stop=True)
    alert = make.fire(make.device())
    dispatch.dispatch()
    assert [row.channel for row in alert.notifications.all()] == [first]
    assert second.notifications.count() == 0


def test_resolved_goes_to_those_who_heard():
    make.channel(to=["a@example.org"])
    alert = make.fire(make.device())
    dispatch.dispatch()
    sent(alert)
    make.resolve(alert)
    dispatch.dispatch()
    assert statuses(alert) == [Status.SENT, Status.WAITING]
    assert alert.notifications.get(status=Status.WAITING).event.kind == AlertEvent.Kind.RESOLVED


def test_an_alert_that_ends_before_its_message_says_nothing():
    make.channel(to=["a@example.org"])
    alert = make.fire(make.device())
    dispatch.dispatch()
    make.resolve(alert)
    dispatch.dispatch()
    assert statuses(alert) == [Status.DROPPED]


def test_maintenance_is_silent_and_says_so():
    make.channel(to=["a@example.org"])
    alert = make.fire(make.device(status="maintenance"))
    dispatch.dispatch()
    row = alert.notifications.get()
    assert (row.status, row.error) == (Status.DROPPED, "The device is in maintenance")


def test_a_parent_that_is_down_explains_its_dependents():
    make.channel(to=["a@example.org"])
    core, access, server = make.device(), make.device(), make.device()
    Dependency.objects.create(device=access, on_device=core)
    Dependency.objects.create(device=server, on_device=access)
    parent = make.fire(core)
    children = [make.fire(access), make.fire(server)]
    dispatch.dispatch()
    for child in children:
        child.refresh_from_db()
        assert child.suppressed_by == parent
        assert statuses(child) == []
    assert statuses(parent) == [Status.WAITING]


def test_a_parent_found_down_later_takes_back_the_message():
    make.channel(to=["a@example.org"])
    core, access = make.device(), make.device()
    make.check(core)
    Dependency.objects.create(device=access, on_device=core)
    child = make.fire(access)
    dispatch.dispatch()
    held = child.notifications.get()
    assert held.next_try > timezone.now() + timedelta(seconds=30)
    parent = make.fire(core, source=core.checks.get())
    dispatch.dispatch()
    child.refresh_from_db()
    assert child.suppressed_by == parent
    assert statuses(child) == [Status.DROPPED]
    make.resolve(parent)
    dispatch.dispatch()
    dispatch.dispatch()
    child.refresh_from_db()
    assert child.suppressed_by is None
    assert statuses(child) == [Status.DROPPED, Status.WAITING]


def test_a_dependency_through_a_service_counts_and_a_loop_ends():
    mail = Service.objects.create(name="mail")
    core, server = make.device(), make.device()
    Dependency.objects.create(device=server, on_service=mail)
    Dependency.objects.create(service=mail, on_device=core)
    Dependency.objects.create(device=core, on_device=server)
    first, second = make.fire(core), make.fire(server)
    dispatch.dispatch()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.suppressed_by, second.suppressed_by) == (second, None)


def test_a_parent_that_answers_otherwise_explains_nothing():
    core, access = make.device(), make.device()
    Dependency.objects.create(device=access, on_device=core)
    make.check(core, kind="ping", status="ok")
    make.fire(core, source=make.check(core, kind="snmp"))
    child = make.fire(access)
    dispatch.dispatch()
    child.refresh_from_db()
    assert child.suppressed_by is None


def test_other_trouble_is_never_explained_away():
    core, access = make.device(), make.device()
    Dependency.objects.create(device=access, on_device=core)
    make.fire(core)
    full = make.fire(access, metric="disk.usage")
    dispatch.dispatch()
    full.refresh_from_db()
    assert full.suppressed_by is None


def test_a_silent_ping_explains_the_other_checks_of_its_device():
    device = make.device()
    ping = make.fire(device, source=make.check(device, kind="ping"))
    snmp = make.fire(device, source=make.check(device, kind="snmp"))
    dispatch.dispatch()
    snmp.refresh_from_db()
    ping.refresh_from_db()
    assert snmp.suppressed_by == ping
    assert ping.suppressed_by is None


@pytest.mark.parametrize(
    ("minutes", "status", "holds"),
    [(3, "ok", True), (0, "ok", False), (0, "failed", True)],
    ids=["answered before it began", "answers still", "is silent too"],
)
@pytest.mark.parametrize("whose", ["its own", "its parent's"])
def test_a_message_waits_only_while_a_ping_may_yet_explain_it(whose, minutes, status, holds):
    make.channel(to=["a@example.org"])
    device, core = make.device(), make.device()
    Dependency.objects.create(device=device, on_device=core)
    own, parents = make.check(device, status="ok"), make.check(core, status="ok")
    now = timezone.now()
    Check.objects.update(last_run=now)
    asked = own if whose == "its own" else parents
    Check.objects.filter(pk=asked.pk).update(last_run=now - timedelta(minutes=minutes), status=status)
    alert = make.fire(device, source=make.check(device, kind="snmp"))
    dispatch.dispatch()
    assert (alert.notifications.get().next_try > timezone.now()) is holds


def test_a_snooze_is_silent_and_its_end_speaks(admin_user):
    make.channel(to=["a@example.org"])
    alert = make.fire(make.device())
    snooze([alert], admin_user, timezone.now() + timedelta(hours=1), "at lunch")
    dispatch.dispatch()
    assert statuses(alert) == [Status.DROPPED]
    Alert.objects.update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert wake_snoozed() == 1
    dispatch.dispatch()
    assert statuses(alert) == [Status.DROPPED, Status.WAITING]


def test_reminders_come_until_somebody_takes_it(admin_user):
    channel = make.channel(to=["a@example.org"])
    channel.routes.update(repeat=600)
    alert = make.fire(make.device())
    dispatch.dispatch()
    sent(alert)
    assert dispatch.remind() == 0
    alert.notifications.update(sent_at=timezone.now() - timedelta(seconds=700))
    assert dispatch.remind() == 1
    assert dispatch.remind() == 0
    dispatch.dispatch()
    assert statuses(alert) == [Status.SENT, Status.WAITING]
    sent(alert)
    alert.notifications.update(sent_at=timezone.now() - timedelta(seconds=700))
    acknowledge([alert], admin_user)
    assert dispatch.remind() == 0


def test_reminders_do_not_pile_up_while_the_peer_is_away_or_the_device_in_maintenance():
    channel = make.channel(to=["a@example.org"])
    channel.routes.update(repeat=600)
    alert = make.fire(make.device())
    dispatch.dispatch()
    sent(alert)
    alert.notifications.update(sent_at=timezone.now() - timedelta(seconds=700))
    assert dispatch.remind() == 1
    dispatch.dispatch()
    assert dispatch.remind() == 0
    alert.notifications.filter(status=Status.WAITING).update(status=Status.DROPPED)
    assert dispatch.remind() == 0
    alert.events.filter(kind="reminder").update(at=timezone.now() - timedelta(seconds=700))
    assert dispatch.remind() == 1


def test_a_receiver_that_fails_gets_the_event_again():
    make.channel(to=["a@example.org"])
    alert = make.fire(make.device())
    answers = [RuntimeError("not yet"), None]
    seen = []

    def receiver(event, **kwargs):
        seen.append(event.pk)
        if error := answers.pop(0):
            raise error

    signals.alert_opened.connect(receiver)
    try:
        assert dispatch.dispatch() == 0
        assert statuses(alert) == []
        assert dispatch.dispatch() == 1
    finally:
        signals.alert_opened.disconnect(receiver)
    assert len(seen) == 2
    assert statuses(alert) == [Status.WAITING]


def test_the_worse_of_two_about_one_disk_speaks_and_its_end_gives_back_the_word():
    make.channel(to=["a@example.org"])
    device = make.device()
    check = make.check(device, kind="snmp", status="ok")
    nearly = make.fire(device, check, "disk.usage", "warning", "/var")
    full = make.fire(device, check, "disk.usage", "critical", "/var")
    other = make.fire(device, check, "disk.usage", "warning", "/home")
    dispatch.dispatch()
    for alert in (nearly, full, other):
        alert.refresh_from_db()
    assert (nearly.suppressed_by, full.suppressed_by, other.suppressed_by) == (full, None, None)
    assert statuses(nearly) == []
    make.resolve(full)
    dispatch.dispatch()
    dispatch.dispatch()
    nearly.refresh_from_db()
    assert nearly.suppressed_by is None
    assert statuses(nearly) == [Status.WAITING]


@pytest.mark.parametrize(("heard_minutes_ago", "explained"), [(10, True), (0, False)])
def test_a_silent_agent_is_no_sign_of_life(heard_minutes_ago, explained):
    core, access = make.device(), make.device()
    Dependency.objects.create(device=access, on_device=core)
    parent = make.fire(core)
    heard = timezone.now() - timedelta(minutes=heard_minutes_ago)
    Check.objects.create(device=core, kind="agent", passive=True, status="ok", last_run=heard)
    child = make.fire(access)
    dispatch.dispatch()
    child.refresh_from_db()
    assert child.suppressed_by == (parent if explained else None)
