"""The dispatcher: takes what happened to alerts, in order, and decides who hears of it.

One dispatcher works at a time (an advisory lock), so a "resolved" never overtakes its "fired". Everything an
event leads to is written in the transaction that marks it processed: killed at any line, it starts again or
is done.
"""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from inventory.models import Device
from monitoring import signals
from monitoring.alerting import routing, suppression
from monitoring.models import Alert, AlertEvent, Notification, Route

log = logging.getLogger(__name__)

LOCK = 0x1717_0001
"""Key of the advisory lock: any number that nothing else of ITIM's uses."""
HOLD = 60
"""Seconds that the first message about an unreachable device waits while its parent may yet be found down."""
MOST = 500
"""Events in one go, which is one transaction."""
GIVE_UP = timedelta(hours=1)
"""A receiver that fails this long loses the event: the queue must not stand still for ever."""

OPENING = {AlertEvent.Kind.FIRED, AlertEvent.Kind.UNSUPPRESSED, AlertEvent.Kind.UNSNOOZED}


def dispatch(limit: int = MOST) -> int:
    """Process waiting events, oldest first. Returns how many; 0 also when another dispatcher is at work."""
    with transaction.atomic():
        if not _only_one():
            return 0
        waiting = AlertEvent.objects.filter(processed_at=None).order_by("pk")
        waiting = waiting.select_related(
            "alert__device__platform", "alert__device__role", "alert__source", "alert__rule"
        )
        events = list(waiting.prefetch_related("alert__device__tags")[:limit])
        routes = routing.active_routes() if events else []
        done = [event.pk for event in events if _processed(event, routes)]
        AlertEvent.objects.filter(pk__in=done).update(processed_at=timezone.now())
    return len(done)


def _only_one() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _processed(event: AlertEvent, routes: list[Route]) -> bool:
    """Whether the event is done with: a failure takes back what it did and leaves it for the next round."""
    try:
        with transaction.atomic():
            _handle(event, routes)
            failures = _announce(event)
            if failures and timezone.now() - event.at < GIVE_UP:
                raise failures[0]
    except Exception:
        log.exception("Alert event %s (%s) could not be processed", event.pk, event.kind)
        return timezone.now() - event.at >= GIVE_UP
    return True


def _handle(event: AlertEvent, routes: list[Route]) -> None:
    if event.kind in OPENING:
        _opened(event, routes)
    elif event.kind == AlertEvent.Kind.RESOLVED:
        _resolved(event)
    elif event.kind == AlertEvent.Kind.REMINDER:
        _follow_up(event)


def _announce(event: AlertEvent) -> list[Exception]:
    signal = {
        AlertEvent.Kind.FIRED: signals.alert_opened,
        AlertEvent.Kind.RESOLVED: signals.alert_resolved,
    }.get(AlertEvent.Kind(event.kind), signals.alert_changed)
    answers = signal.send_robust(sender=Alert, event=event)
    return [answer for _, answer in answers if isinstance(answer, Exception)]


def _opened(event: AlertEvent, routes: list[Route]) -> None:
    alert = event.alert
    alert.refresh_from_db(fields=["status", "suppressed_by", "snoozed_until"])
    if alert.status != Alert.Status.FIRING:
        return
    parent = suppression.explanation(alert)
    if parent is not None:
        suppression.suppress([alert], parent)
        return
    if event.kind == AlertEvent.Kind.FIRED:
        for child in suppression.suppress(suppression.explained_by(alert), alert):
            drop_waiting(child, f"Explained by: {alert.text}")
    _queue(event, routes)


def _queue(event: AlertEvent, routes: list[Route]) -> None:
    now = timezone.now()
    reason = silent_because(event.alert, now)
    hold = HOLD if suppression.may_be_explained_soon(event.alert) else 0
    _write(
        event,
        [
            (hop.channel_id, now + timedelta(seconds=max(hop.delay, hold)))
            for hop in routing.hops(event.alert, routes)
        ],
        reason,
    )


def silent_because(alert: Alert, now: datetime) -> str:
    """Why no message goes out about this alert now; empty when one may."""
    if alert.device.status == Device.Status.MAINTENANCE:
        return "The device is in maintenance"
    if alert.snoozed_until and alert.snoozed_until > now:
        return f"Snoozed until {alert.snoozed_until:%Y-%m-%d %H:%M} UTC"
    if alert.suppressed_by_id:
        return "Explained by another alert"
    return ""


def _resolved(event: AlertEvent) -> None:
    """Those who heard that it began hear that it is over; those who did not yet hear nothing."""
    suppression.release(event.alert)
    heard = _heard(event.alert)
    drop_waiting(event.alert, "Resolved before it was sent")
    _write(event, [(channel, timezone.now()) for channel in heard], "")


def _follow_up(event: AlertEvent) -> None:
    reason = silent_because(event.alert, timezone.now())
    _write(event, [(channel, timezone.now()) for channel in _heard(event.alert)], reason)


def _heard(alert: Alert) -> list[int]:
    """Ids of channels that took a message about the alert, or are being sent one at this moment."""
    opening = alert.notifications.filter(event__kind__in=[*OPENING, AlertEvent.Kind.REMINDER])
    sent = opening.filter(
        Q(status=Notification.Status.SENT)
        | Q(status=Notification.Status.WAITING, lease_until__gt=timezone.now())
        | Q(status=Notification.Status.WAITING, attempts__gt=0)
    )
    return list(sent.order_by().values_list("channel_id", flat=True).distinct())


def drop_waiting(alert: Alert, reason: str) -> None:
    """Take back messages that no channel was tried with yet."""
    alert.notifications.filter(status=Notification.Status.WAITING, attempts=0).update(
        status=Notification.Status.DROPPED, error=reason[:500]
    )


def _write(event: AlertEvent, hops: list[tuple[int, datetime]], reason: str) -> None:
    status = Notification.Status.DROPPED if reason else Notification.Status.WAITING
    Notification.objects.bulk_create(
        (
            Notification(
                event=event,
                alert=event.alert,
                channel_id=channel,
                status=status,
                next_try=at,
                error=reason[:500],
                message_id=f"event-{event.pk}-channel-{channel}@itim",
            )
            for channel, at in hops
        ),
        ignore_conflicts=True,
    )


def remind() -> int:
    """Reminder events for alerts that nobody took and whose route repeats. Returns how many."""
    routes = routing.active_routes()
    if not any(route.repeat for route in routes):
        return 0
    now = timezone.now()
    open_alerts = Alert.objects.firing().filter(acknowledged_at=None, suppressed_by=None)
    open_alerts = open_alerts.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))
    waiting = Notification.objects.filter(alert=OuterRef("pk"), status=Notification.Status.WAITING)
    open_alerts = open_alerts.filter(~Exists(waiting))  # a peer that is away needs no pile of reminders
    open_alerts = open_alerts.annotate(last=Max("notifications__sent_at")).exclude(last=None)
    open_alerts = open_alerts.select_related("device__platform", "device__role", "source").prefetch_related(
        "device__tags"
    )
    late = [alert for alert in open_alerts.order_by(F("last")) if _is_late(alert, routes, now)]
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, kind=AlertEvent.Kind.REMINDER, at=now) for alert in late
    )
    return len(late)


def _is_late(alert: Alert, routes: list[Route], now: datetime) -> bool:
    repeats = [hop.repeat for hop in routing.hops(alert, routes) if hop.repeat]
    if not repeats:
        return False
    last: datetime = alert.last  # type: ignore[attr-defined]
    since = now - timedelta(seconds=min(repeats))
    return last <= since and not alert.events.filter(kind=AlertEvent.Kind.REMINDER, at__gt=since).exists()
