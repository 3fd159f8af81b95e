"""What people do with alerts leaves a trace, once, and refuses what makes no sense."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from monitoring.alerting import actions
from monitoring.models import Alert, AlertEvent
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db


def kinds(alert):
    return [event.kind for event in alert.events.exclude(kind=AlertEvent.Kind.FIRED)]


def test_acknowledge_says_who_and_why_and_only_once(admin_user):
    alert = make.fire(make.device())
    assert actions.acknowledge([alert], admin_user, "  on my way ") == 1
    assert actions.acknowledge([alert], admin_user) == 0
    alert.refresh_from_db()
    assert alert.acknowledged_by == admin_user
    event = alert.events.get(kind=AlertEvent.Kind.ACKNOWLEDGED)
    assert (event.by, event.text) == (admin_user, "on my way")
    assert actions.unacknowledge([alert], admin_user) == 1
    alert.refresh_from_db()
    assert alert.acknowledged_by is None
    assert kinds(alert) == [AlertEvent.Kind.ACKNOWLEDGED, AlertEvent.Kind.UNACKNOWLEDGED]


def test_what_is_over_cannot_be_acknowledged_or_snoozed(admin_user):
    alert = make.fire(make.device())
    make.resolve(alert)
    later = timezone.now() + timedelta(hours=1)
    assert actions.acknowledge([alert], admin_user) == 0
    assert actions.snooze([alert], admin_user, later) == 0


def test_pending_alerts_are_nobodys_business(admin_user):
    alert = make.fire(make.device())
    Alert.objects.update(status=Alert.Status.PENDING)
    assert actions.comment([alert], admin_user, "hm") == 0


@pytest.mark.parametrize("seconds", [-1, 0, 367 * 86400])
def test_a_snooze_ends_in_the_future(admin_user, seconds):
    alert = make.fire(make.device())
    with pytest.raises(ValidationError, match="future"):
        actions.snooze([alert], admin_user, timezone.now() + timedelta(seconds=seconds))
    assert kinds(alert) == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_comments_have_words_and_an_end(admin_user, text):
    alert = make.fire(make.device())
    with pytest.raises(ValidationError):
        actions.comment([alert], admin_user, text)
    assert kinds(alert) == []


def test_unsnooze(admin_user):
    alert = make.fire(make.device())
    actions.snooze([alert], admin_user, timezone.now() + timedelta(hours=1))
    assert actions.unsnooze([alert], admin_user) == 1
    assert actions.unsnooze([alert], admin_user) == 0
    alert.refresh_from_db()
    assert alert.snoozed_until is None
