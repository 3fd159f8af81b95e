"""Delivery: sends what waits, and tries again until the peer's yes is recorded or hope is gone.

A notification is leased before it is sent and marked after: only a kill between the peer's yes and our commit
repeats a message, which then carries the same message id.
"""

import logging
import threading
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import F
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
BUDGET = 20.0
"""Seconds after which no further message is begun: the rest is for the next round."""
GIVE_UP_AFTER = timedelta(hours=24)

_turn = threading.Lock()
_at_work: set[int] = set()  # channels that a thread of this process is sending on


def deliver(limit: int = 100) -> int:
    """Send what is due, for about BUDGET seconds. Returns how many messages were taken by their peers."""
    sent, end = 0, time.monotonic() + BUDGET
    for _ in range(limit):
        with _turn:
            leased = _lease()
            if leased is None:
                break
            key, channel = leased
            _at_work.add(channel)
        try:
            sent += _deliver_one(key)
        finally:
            _at_work.discard(channel)
        if time.monotonic() > end:
            break
    return sent


def _lease() -> tuple[int, int] | None:
    """The next message and its channel, each leased only when its turn has come: a lease must outlast the
    sending, not the queue. A channel sends one at a time, and where a peer drips for longer than its lease
    not a second in this process: a slow peer takes up one thread of a worker and no more.
    """
    now = timezone.now()
    waiting = Notification.objects.filter(status=Notification.Status.WAITING)
    busy = waiting.filter(lease_until__gt=now).values("channel")
    with transaction.atomic():
        due = waiting.filter(next_try__lte=now).exclude(channel__in=busy).exclude(channel__in=list(_at_work))
        due = due.order_by("next_try", "pk").select_for_update(skip_locked=True)
        found: tuple[int, int] | None = due.values_list("pk", "channel_id").first()
        if found:
            leased = Notification.objects.filter(pk=found[0])
            leased.update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    return found


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
    waiting = Notification.objects.filter(status=Notification.Status.WAITING)
    waiting.filter(pk=row.pk).update(
        next_try=now + timedelta(seconds=pause), lease_until=None, error=error[:500]
    )
    # The peer's other messages would most likely fail as well: other channels go first.
    rest = waiting.filter(channel=row.channel_id, next_try__lte=now, lease_until=None)
    rest.update(next_try=now + timedelta(seconds=FIRST_RETRY))


def _finish(row: Notification, status: str, error: str) -> None:
    sent_at = timezone.now() if status == Notification.Status.SENT else None
    Notification.objects.filter(pk=row.pk).update(
        status=status, error=error[:500], lease_until=None, sent_at=sent_at
    )


def again(row: Notification) -> bool:
    """Send a message that failed or was left out once more; False where it is sent or waits already."""
    found = Notification.objects.filter(pk=row.pk, status__in=Notification.UNSENT)
    return bool(
        found.update(status=Notification.Status.WAITING, next_try=timezone.now(), lease_until=None, error="")
    )
