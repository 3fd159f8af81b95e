"""Devices, checks and alerts for tests of what happens after a transition."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from inventory.models import Device
from monitoring.models import Alert, AlertEvent, Channel, Check, Route

_number = count(1)


def device(name: str = "", **fields: object) -> Device:
    return Device.objects.create(name=name or f"device-{next(_number)}", **fields)


def check(of: Device, kind: str = "ping", status: str = Check.Status.FAILED) -> Check:
    return Check.objects.create(device=of, kind=kind, status=status)


def fire(
    of: Device,
    source: Check | None = None,
    metric: str = "check.up",
    severity: str = "critical",
    instance: str = "",
) -> Alert:
    """A firing alert with its event, as the ingest writes them."""
    now = timezone.now()
    alert = Alert.objects.create(
        device=of,
        source=source or check(of, kind=f"ping-{next(_number)}" if metric != "check.up" else "ping"),
        metric=metric,
        instance=instance,
        severity=severity,
        status=Alert.Status.FIRING,
        started_at=now - timedelta(minutes=1),
        fired_at=now,
        text=f"{metric} is wrong",
    )
    AlertEvent.objects.create(alert=alert, kind=AlertEvent.Kind.FIRED, at=now)
    return alert


def resolve(alert: Alert) -> None:
    """The alert ends, as the ingest writes it."""
    now = timezone.now()
    Alert.objects.filter(pk=alert.pk).update(status=Alert.Status.RESOLVED, resolved_at=now)
    AlertEvent.objects.create(alert=alert, kind=AlertEvent.Kind.RESOLVED, at=now)


def channel(kind: str = "mail", secret: dict | None = None, **options: object) -> Channel:
    """A channel on a route that takes everything."""
    made = Channel.objects.create(
        name=f"channel-{next(_number)}", kind=kind, options=options, secret=secret or {}
    )
    route(made)
    return made


def route(*channels: Channel, **fields: object) -> Route:
    number = next(_number)
    made = Route.objects.create(name=f"route-{number}", **{"order": number, "min_severity": "info", **fields})
    made.channels.set(channels)
    return made
