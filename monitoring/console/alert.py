"""The page of one alert: what, where, since when, why, who is on it, who was told."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import conditions, states
from core.access import can, hidden_fields, in_words, visible
from inventory.chains import hit_by
from inventory.models import Device
from monitoring.alerting import commands
from monitoring.models import Alert, AlertEvent, Check, Notification, Rule, Series, seen_alerts
from monitoring.models.alert import AlertQuerySet

OTHERS = 10
RANGES = (("1h", 3600), ("6h", 21600), ("24h", 86400), ("7d", 604800), ("30d", 2592000), ("1y", 31536000))
MARKS = {
    AlertEvent.Kind.FIRED: ("flame", "bad"),
    AlertEvent.Kind.RESOLVED: ("circle-check", "ok"),
    AlertEvent.Kind.ACKNOWLEDGED: ("eye-check", "info"),
    AlertEvent.Kind.UNACKNOWLEDGED: ("eye-off", ""),
    AlertEvent.Kind.SNOOZED: ("zzz", ""),
    AlertEvent.Kind.UNSNOOZED: ("alarm", ""),
    AlertEvent.Kind.COMMENTED: ("message", ""),
    AlertEvent.Kind.SUPPRESSED: ("bell-off", ""),
    AlertEvent.Kind.UNSUPPRESSED: ("bell", "warn"),
    AlertEvent.Kind.FLAPPING: ("arrows-up-down", "warn"),
    AlertEvent.Kind.REMINDER: ("bell-ringing", ""),
}


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """404 for an alert that the user may not see."""
    rows = (
        seen_alerts(request.user)
        .with_state()
        .select_related("device__site", "device__role", "device__platform")
    )
    rows = rows.select_related("rule", "source", "interface", "acknowledged_by", "suppressed_by__device")
    alert = get_object_or_404(rows, pk=pk)
    now = timezone.now()
    context = {
        "alert": alert,
        "title": alert.text,
        "crumbs": [{"label": "Alerts", "url": reverse("alerts-list")}],
        "hidden": hidden_fields(request.user, Alert),
        "now": now,
        "device_facts": device_facts(request.user, alert),
        "hit": hit_by(request.user, alert.device),
        "rule": _one(request.user, Rule, alert.rule_id),
        "check": _one(request.user, Check, alert.source_id),
        "chart_url": chart_url(request.user, alert),
        "range": range_around(alert, now),
        "entries": [entry(event) for event in alert.events.select_related("by").order_by("-at", "-pk")],
        "messages_sent": messages_about(request.user, alert),
        "explains": list(of_device(seen_alerts(request.user).filter(suppressed_by=alert))),
        "others": list(
            of_device(seen_alerts(request.user).filter(device=alert.device_id).exclude(pk=alert.pk))
        ),
        "may": {name: can(request.user, name, alert) for name in set(commands.PERMISSIONS.values())},
        "spans": commands.SPANS,
    }
    return render(request, "monitoring/alert.html", context)


def of_device(rows: AlertQuerySet) -> AlertQuerySet:
    """The newest few, what fires before what is over."""
    shown = rows.with_state().by_weight().select_related("device", "acknowledged_by", "suppressed_by__device")
    return shown.order_by("status", "-started_at", "-pk")[:OTHERS]


def device_facts(user: Any, alert: Alert) -> list[dict[str, Any]]:
    """What helps to find the thing, for templates/ui/kv.html."""
    device = alert.device
    facts: list[dict[str, Any]] = [
        {"label": "Device", "value": device.name, "url": reverse("devices-detail", args=[device.pk])},
        health_fact(user, device),
        {"label": "Status", "state": device.status, "value": device.get_status_display()},
        {"label": "Address", "value": device.address, "copyable": True, "mono": True},
        {"label": "Site", "value": in_words(user, device.site)},
        {"label": "Role", "value": in_words(user, device.role)},
        {"label": "Platform", "value": in_words(user, device.platform)},
        {"label": "Serial", "value": device.serial, "copyable": True, "mono": True},
    ]
    secret = hidden_fields(user, type(device))
    field = {"State": "status"}
    return [
        one for one in facts if one["value"] and field.get(one["label"], one["label"].lower()) not in secret
    ]


def health_fact(user: Any, device: Device) -> dict[str, Any]:
    """How the device is now; without a value where the user may not know."""
    state = conditions.of(user, Device, [device.pk]).get(device.pk, "")
    return {"label": "Health", "state": state, "value": states.of(state).label if state else ""}


def chart_url(user: Any, alert: Alert) -> str:
    """Where the numbers behind the alert are; empty when there are none."""
    series = Series.objects.seen_by(user).filter(
        source=alert.source_id, metric=alert.metric, instance=alert.instance
    )
    key = series.values_list("pk", flat=True).first() if alert.source_id else None
    return f"{reverse('api-chart-points')}?{urlencode({'id': key})}" if key else ""


def range_around(alert: Alert, now: datetime) -> str:
    """The shortest range of the chart that begins well before the alert did."""
    age = (now - alert.started_at).total_seconds() * 1.3
    return next((key for key, length in RANGES if age < length), RANGES[-1][0])


def entry(event: AlertEvent) -> dict[str, Any]:
    """An event as templates/ui/history.html wants it."""
    icon, tone = MARKS.get(AlertEvent.Kind(event.kind), ("pencil", ""))
    return {
        "icon": icon,
        "tone": tone,
        "title": event.get_kind_display(),
        "who": event.by.get_full_name() or event.by.get_username() if event.by else "",
        "at": event.at,
        "text": event.text,
    }


def messages_about(user: Any, alert: Alert) -> list[Notification]:
    """The delivery log of the alert, newest first."""
    rows = visible(user, Notification).filter(alert=alert).select_related("channel", "event")
    return list(rows.order_by("-created_at", "-pk")[:50])


def _one(user: Any, model: Any, pk: int | None) -> Any:
    """The object, if the user may see it."""
    return visible(user, model).filter(pk=pk).first() if pk else None
