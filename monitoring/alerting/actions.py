"""What people do with alerts. Each action is atomic and leaves an AlertEvent; a repeat does nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from monitoring.models import Alert, AlertEvent

COMMENT_LENGTH = 5000


def acknowledge(alerts: Iterable[Alert], by: Any, text: str = "") -> int:
    """Someone is on it: reminders stop. Returns how many alerts were not acknowledged before."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(_locked(alerts).filter(status=Alert.Status.FIRING, acknowledged_at=None))
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(
            acknowledged_by=_person(by), acknowledged_at=now
        )
        _record(rows, AlertEvent.Kind.ACKNOWLEDGED, by, _checked(text), now)
    return len(rows)


def unacknowledge(alerts: Iterable[Alert], by: Any, text: str = "") -> int:
    """Nobody is on it any more. Returns how many alerts had been acknowledged."""
    with transaction.atomic():
        rows = list(_locked(alerts).exclude(acknowledged_at=None))
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(
            acknowledged_by=None, acknowledged_at=None
        )
        _record(rows, AlertEvent.Kind.UNACKNOWLEDGED, by, _checked(text), timezone.now())
    return len(rows)


def snooze(alerts: Iterable[Alert], by: Any, until: datetime, text: str = "") -> int:
    """No messages about the alert until then. ValidationError unless `until` lies ahead, within a year."""
    now = timezone.now()
    if not 0 < (until - now).total_seconds() <= 366 * 86400:
        raise ValidationError({"until": "A snooze ends in the future, within a year"})
    with transaction.atomic():
        rows = list(_locked(alerts).filter(status=Alert.Status.FIRING))
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(snoozed_until=until)
        note = f"until {until:%Y-%m-%d %H:%M} UTC" + (f": {_checked(text)}" if text else "")
        _record(rows, AlertEvent.Kind.SNOOZED, by, note, now)
    return len(rows)


def unsnooze(alerts: Iterable[Alert], by: Any) -> int:
    """Messages again, and one now if the alert is still firing. Returns how many were snoozed."""
    with transaction.atomic():
        rows = list(_locked(alerts).exclude(snoozed_until=None))
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(snoozed_until=None)
        _record(rows, AlertEvent.Kind.UNSNOOZED, by, "", timezone.now())
    return len(rows)


def comment(alerts: Iterable[Alert], by: Any, text: str) -> int:
    """A word in the alert's history. ValidationError when it is empty or over 5,000 characters."""
    if not text.strip():
        raise ValidationError({"text": "An empty comment says nothing"})
    with transaction.atomic():
        rows = list(_locked(alerts))
        _record(rows, AlertEvent.Kind.COMMENTED, by, _checked(text), timezone.now())
    return len(rows)


def wake_snoozed() -> int:
    """End the snoozes whose time has come; what still fires is announced again."""
    with transaction.atomic():
        due = Alert.objects.filter(snoozed_until__lte=timezone.now())
        rows = list(due.select_for_update(skip_locked=True, of=("self",)))
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(snoozed_until=None)
        firing = [row for row in rows if row.status == Alert.Status.FIRING]
        _record(firing, AlertEvent.Kind.UNSNOOZED, None, "", timezone.now())
    return len(rows)


def _locked(alerts: Iterable[Alert]) -> Any:
    """The alerts locked for this transaction, in one order for everybody: no deadlock."""
    keys = [alert.pk for alert in alerts]
    return Alert.objects.shown().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")


def _record(rows: list[Alert], kind: str, by: Any, text: str, at: datetime) -> None:
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=row, kind=kind, at=at, by=_person(by), text=text) for row in rows
    )


def _person(by: Any) -> Any:
    """The user for the row; the system's own actor is nobody in particular."""
    return by if getattr(by, "pk", None) else None


def _checked(text: str) -> str:
    text = text.strip()
    if len(text) > COMMENT_LENGTH:
        raise ValidationError({"text": f"At most {COMMENT_LENGTH} characters"})
    return text
