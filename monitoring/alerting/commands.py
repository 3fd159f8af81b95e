"""What people may do with alerts, by name: one table for the console, the alert's page and the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import timezone

from monitoring.alerting import actions
from monitoring.models import Alert

PERMISSIONS: Final = {
    "acknowledge": "acknowledge",
    "unacknowledge": "acknowledge",
    "snooze": "snooze",
    "unsnooze": "snooze",
    "comment": "comment",
}
"""By command the action that a user must be allowed to do on the alerts."""

SPANS: Final = {
    "30m": ("30 minutes", timedelta(minutes=30)),
    "1h": ("1 hour", timedelta(hours=1)),
    "4h": ("4 hours", timedelta(hours=4)),
}
MORNING: Final = time(8)
SAID: Final = {
    "acknowledge": "acknowledged",
    "unacknowledge": "no longer acknowledged",
    "snooze": "snoozed",
    "unsnooze": "no longer snoozed",
    "comment": "commented on",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One wish: `until` belongs to snooze."""

    name: str
    text: str = ""
    until: datetime | None = None

    @property
    def permission(self) -> str:
        return PERMISSIONS[self.name]


def snooze_end(span: str, now: datetime) -> datetime:
    """When a snooze of SPANS or until "tomorrow", 8:00 in the active time zone, ends."""
    if span in SPANS:
        return now + SPANS[span][1]
    if span != "tomorrow":
        raise ValidationError({"until": f"{span!r} is no length of a snooze"})
    morning = datetime.combine(timezone.localdate(now) + timedelta(days=1), MORNING)
    return timezone.make_aware(morning)


def carry_out(command: Command, alerts: Iterable[Alert], by: Any) -> int:
    """Do it; returns on how many alerts it changed something. ValidationError by field."""
    if command.name == "acknowledge":
        return actions.acknowledge(alerts, by, command.text)
    if command.name == "unacknowledge":
        return actions.unacknowledge(alerts, by, command.text)
    if command.name == "unsnooze":
        return actions.unsnooze(alerts, by)
    if command.name == "comment":
        return actions.comment(alerts, by, command.text)
    if command.until is None:
        raise ValidationError({"until": "A snooze needs an end"})
    return actions.snooze(alerts, by, command.until, command.text)


def say(command: Command, count: int) -> str:
    """One line for the person who did it."""
    if not count:
        return f"Nothing to do: no alert was {SAID[command.name]} by this"
    return f"{count} alert{'s are' if count > 1 else ' is'} {SAID[command.name]}"
