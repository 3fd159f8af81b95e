"""The words of a message about an alert."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from monitoring.channels import Message
from monitoring.models import Alert, AlertEvent, Notification


def build(notification: Notification) -> Message:
    """The message of one notification; what it says is the alert as it is now, not as it was."""
    event, alert = notification.event, notification.alert
    resolved = event.kind == AlertEvent.Kind.RESOLVED
    context = {
        "alert": alert,
        "event": event,
        "resolved": resolved,
        "url": alert_url(alert),
        "facts": _facts(alert),
    }
    return Message(
        message_id=notification.message_id,
        thread_id=f"alert-{alert.pk}@itim",
        subject=subject(alert, event),
        text=render_to_string("monitoring/message.txt", context).strip() + "\n",
        html=render_to_string("monitoring/message.html", context),
        severity=alert.severity,
        resolved=resolved,
        url=context["url"],
        data=_data(notification),
    )


def subject(alert: Alert, event: AlertEvent) -> str:
    """One line: state first, so that it survives a phone's lock screen."""
    if event.kind == AlertEvent.Kind.RESOLVED:
        state = "Resolved"
    elif event.kind == AlertEvent.Kind.REMINDER:
        state = f"Still {alert.get_severity_display().lower()}"
    else:
        state = alert.get_severity_display()
    return f"[{state}] {alert.device}: {alert.text}"[:200]


def alert_url(alert: Alert) -> str:
    return f"{settings.BASE_URL}/monitoring/alerts/{alert.pk}/"


def _facts(alert: Alert) -> list[tuple[str, str]]:
    device = alert.device
    pairs = [
        ("Device", device.name),
        ("Address", device.address),
        ("Site", str(device.site or "")),
        ("Severity", alert.get_severity_display()),
        ("Rule", str(alert.rule or "")),
        ("Since", _moment(alert.started_at)),
        ("Resolved", _moment(alert.resolved_at)),
    ]
    return [(label, text) for label, text in pairs if text]


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at, timezone.get_default_timezone()):%Y-%m-%d %H:%M:%S %Z}" if at else ""


def _data(notification: Notification) -> dict[str, Any]:
    event, alert = notification.event, notification.alert
    return {
        "id": notification.message_id,
        "event": event.kind,
        "at": event.at.isoformat(),
        "alert": {
            "id": alert.pk,
            "status": alert.status,
            "severity": alert.severity,
            "text": alert.text,
            "metric": alert.metric,
            "instance": alert.instance,
            "value": alert.value,
            "started_at": alert.started_at.isoformat(),
            "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
            "url": alert_url(alert),
        },
        "device": {
            "id": alert.device_id,
            "name": alert.device.name,
            "address": alert.device.address,
            "site": str(alert.device.site or ""),
        },
        "rule": str(alert.rule or ""),
    }
