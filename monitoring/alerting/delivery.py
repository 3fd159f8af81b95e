"""Delivery: sends what waits, and tries again until the peer's yes is recorded or hope is gone.

A notification is leased before it is sent and marked after: only a kill between the peer's yes and our commit
repeats a message, which then carries the same message id.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from monitoring.alerting import dispatch, message
from monitoring.channels import KINDS, SendError
from monitoring.models import Alert, AlertEvent, Channel, Notification
from probes.options import OptionError

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than any channel's own time-outs together, so that a slow peer does not get a message twice."""
FIRST_RETRY, LAST_RETRY = 15, 3600
"""Seconds; the pause doubles from the first to the last."""
GIVE_UP_AFTER = timedelta(hours=24)


def deliver(limit: int = 100) -> int:
    """Send what is due. Returns how many messages were taken by their peers."""
    return sum(_deliver_one(pk) for pk in _lease(limit))


def _lease(limit: int) -> list[int]:
    now = timezone.now()
    with transaction.atomic():
        due = Notification.objects.filter(status=Notification.Status.WAITING, next_try__lte=now)
        due = due.filter(Q(lease_until=None) | Q(lease_until__lt=now)).order_by("next_try", "pk")
        keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        Notification.objects.filter(pk__in=keys).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    return keys


def _deliver_one(pk: int) -> bool:
    rows = Notification.objects.select_related("event", "channel", "alert__device__site", "alert__rule")
    row = rows.filter(pk=pk, status=Notification.Status.WAITING).first()
    if row is None:
        return False
    reason = _moot(row)
    if reason:
        _finish(row, Notification.Status.DROPPED, reason)
        return False
    try:
        send(row.channel, message.build(row))
    except SendError as error:
        _failed(row, str(error), retry=error.retry)
        return False
    except Exception as error:
        log.exception("Channel %s failed", row.channel)
        _failed(row, f"{type(error).__name__}: {error}", retry=True)
        return False
    _finish(row, Notification.Status.SENT, "")
    return True


def send(channel: Channel, what: "message.Message") -> None:
    """One message through one channel, now. SendError when it is not taken or the channel is set up wrong."""
    kind = KINDS.get(channel.kind)
    if kind is None:
        raise SendError(f"There is no kind of channel called {channel.kind!r}", retry=False)
    try:
        options, secret = kind.options.from_dict(channel.options), kind.secret.from_dict(channel.secret)
    except OptionError as error:
        raise SendError(f"The channel is not set up right: {error}", retry=False) from error
    kind.send(what, options, secret)


def _moot(row: Notification) -> str:
    """Why the message no longer makes sense; empty when it does."""
    if not row.channel.enabled:
        return "The channel is switched off"
    if row.event.kind == AlertEvent.Kind.RESOLVED:
        return ""
    if row.alert.status == Alert.Status.RESOLVED:
        return "Resolved before it was sent"
    return dispatch.silent_because(row.alert, timezone.now())


def _failed(row: Notification, error: str, *, retry: bool) -> None:
    now = timezone.now()
    if not retry or now - row.created_at > GIVE_UP_AFTER:
        _finish(row, Notification.Status.FAILED, error)
        return
    pause = min(FIRST_RETRY * 2 ** (row.attempts - 1), LAST_RETRY)
    Notification.objects.filter(pk=row.pk, status=Notification.Status.WAITING).update(
        next_try=now + timedelta(seconds=pause), lease_until=None, error=error[:500]
    )


def _finish(row: Notification, status: str, error: str) -> None:
    sent_at = timezone.now() if status == Notification.Status.SENT else None
    Notification.objects.filter(pk=row.pk).update(
        status=status, error=error[:500], lease_until=None, sent_at=sent_at
    )


def again(row: Notification) -> bool:
    """Send a message that failed or was left out once more; False where it is sent or waits already."""
    redo = (Notification.Status.FAILED, Notification.Status.DROPPED)
    found = Notification.objects.filter(pk=row.pk, status__in=redo)
    return bool(
        found.update(status=Notification.Status.WAITING, next_try=timezone.now(), lease_until=None, error="")
    )
