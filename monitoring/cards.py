"""Monitoring on the overview: how it stands now, what is broken, what is close to its limit."""

from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone

from core import cards
from core.access import can, visible
from inventory.impact import services_hit
from inventory.models import Device, Service
from monitoring import health, hits, links, tops
from monitoring.meters import METERS, tone
from monitoring.models import Alert, Channel, Check, Severity

GROUPS = 10
SERVICES = 6
ROWS = 5
WEIGHT = Case(
    *(When(severity=severity, then=Value(weight)) for weight, severity in enumerate(Severity.values)),
    output_field=IntegerField(),
)


def firing(request: HttpRequest) -> QuerySet[Alert]:
    """Alerts that are open now, as far as the user may see them."""
    return hits.firing(request.user)


def loud(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those that speak for themselves: not explained by another, not put to sleep."""
    return rows.filter(suppressed_by=None).exclude(snoozed_until__gt=timezone.now())


def now_card(request: HttpRequest) -> dict[str, Any] | None:
    """Devices by state, open alerts by severity, and whether monitoring itself is well."""
    if not can(request.user, "view", Device):
        return None
    found = health.now(request.user)
    counts, total = found.states, sum(found.states.values())
    if not total:
        return None
    states = [
        {"state": state, "count": counts[state], "url": links.page("monitoring-devices", state=state)}
        for state in health.ORDER
        if counts[state] or state in (health.UP, health.DOWN)
    ]
    return {"total": total, "states": states, "pulse": found, **_severities(request)}


def _severities(request: HttpRequest) -> dict[str, Any]:
    rows = firing(request)
    quiet = Q(suppressed_by__isnull=False) | Q(snoozed_until__gt=timezone.now())
    found = rows.order_by().aggregate(
        quiet=Count("pk", filter=quiet),
        explained=Count("pk", filter=Q(suppressed_by__isnull=False)),
        acknowledged=Count("pk", filter=~quiet & Q(acknowledged_at__isnull=False)),
        **{name: Count("pk", filter=~quiet & Q(severity=name)) for name in Severity.values},
    )
    tones = {Severity.CRITICAL: "bad", Severity.WARNING: "warn", Severity.INFO: "info"}
    severities = [
        {
            "label": Severity(name).label,
            "count": found[name],
            "tone": tones[Severity(name)] if found[name] else "",
            "url": links.alerts(severity=name),
        }
        for name in reversed(Severity.values)
    ]
    asleep = found["quiet"] - found["explained"]
    quiet = (
        ("acknowledged", found["acknowledged"]),
        ("explained", found["explained"]),
        ("snoozed", asleep),
    )
    aside = [
        {"label": name, "count": count, "url": links.alerts(state=name)} for name, count in quiet if count
    ]
    return {"severities": severities, "aside": aside}


def alerts_card(request: HttpRequest) -> dict[str, Any] | None:
    """The worst open alerts: one line a device, with what it explains."""
    if not can(request.user, "view", Alert):
        return None
    rows = loud(firing(request))
    groups = list(
        rows.order_by()
        .values("device_id")
        .annotate(
            weight=Max(WEIGHT),
            open=Count("pk"),
            since=Min("started_at"),
            waiting=Count("pk", filter=Q(acknowledged_at__isnull=True)),
        )
        .order_by("-weight", "-since")[: GROUPS + 1]
    )
    shown = groups[:GROUPS]
    return {
        "groups": _with_texts(request, rows, shown),
        "more": len(groups) > GROUPS,
        "all_url": links.alerts(),
        "watched": can(request.user, "view", Check) and health.watched(request.user).exists(),
    }


def _with_texts(
    request: HttpRequest, rows: QuerySet[Alert], groups: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    ids = [group["device_id"] for group in groups]
    worst = {
        alert.device_id: alert
        for alert in rows.filter(device__in=ids)
        .annotate(weight=WEIGHT)
        .select_related("device__site", "interface")
        .order_by("device_id", "-weight", "started_at", "pk")
        .distinct("device_id")
    }
    explained = dict(
        firing(request)
        .filter(suppressed_by__device__in=ids)
        .exclude(device=F("suppressed_by__device"))
        .order_by()
        .values_list("suppressed_by__device_id")
        .annotate(Count("device_id", distinct=True))
    )
    seen = set(visible(request.user, Device).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        {
            **group,
            "alert": worst[group["device_id"]],
            "explains": explained.get(group["device_id"], 0),
            "others": group["open"] - 1,
            "device_url": links.page("devices-detail", group["device_id"])
            if group["device_id"] in seen
            else "",
            "alert_url": links.page("alerts-detail", worst[group["device_id"]].pk),
            "others_url": links.alerts(device=group["device_id"]),
        }
        for group in groups
        if group["device_id"] in worst
    ]


def services_card(request: HttpRequest) -> dict[str, Any] | None:
    """Services that need something with a critical alert, the most critical service first."""
    if not can(request.user, "view", Service):
        return None
    since = hits.causes(request.user)
    hit = services_hit(since)
    if not hit:
        return None
    services = list(visible(request.user, Service).filter(pk__in=hit))
    order = list(Service.Criticality.values)
    services.sort(key=lambda one: (-order.index(one.criticality), one.name))
    shown = services[:SERVICES]
    wanted = {pk for service in shown for pk in hit[service.pk]}
    devices = visible(request.user, Device).in_bulk(wanted)
    rows = [
        {
            "service": service,
            "causes": [devices[pk] for pk in sorted(hit[service.pk]) if pk in devices][:4],
            "more": max(0, len(hit[service.pk]) - 4),
            "since": min(since[pk] for pk in hit[service.pk]),
        }
        for service in shown
    ]
    return {"rows": rows, "count": len(services), "url": links.page("services-list")} if rows else None


def limits_card(request: HttpRequest) -> dict[str, Any] | None:
    """The highest values by meter; a meter that nothing measures is left out."""
    found = tops.highest(request.user, list(METERS), ROWS)
    columns = [
        {
            "meter": METERS[key],
            "url": links.page("monitoring-top", meter=key),
            "rows": [row(place) for place in worth_showing(key, places)],
        }
        for key, places in found.items()
    ]
    columns = [column for column in columns if column["rows"]]
    return {"columns": columns} if columns else None


def worth_showing(key: str, places: list[tops.Place]) -> list[tops.Place]:
    """Full batteries, full toner, young certificates interest nobody; the highest of the others always do."""
    meter = METERS[key]
    return [place for place in places if not meter.low or place.top.value <= meter.floor]


def row(place: tops.Place) -> dict[str, Any]:
    """A line of a ranking, as templates/monitoring/rank.html wants it."""
    top, meter = place.top, place.meter
    return {
        "device": top.device,
        "instance": top.instance,
        "value": top.value,
        "unit": meter.unit,
        "tone": tone(meter, top.value),
        "share": min(100.0, max(0.0, top.value)) if meter.unit == "%" else None,
        "days": place.days,
        "series_id": top.series_id,
        "check_id": top.source_id,
    }


def door_card(request: HttpRequest) -> dict[str, Any] | None:
    """What watches, in numbers that lead to the lists."""
    if not can(request.user, "view", Check):
        return None
    counts = [
        {
            "label": "checks",
            "count": visible(request.user, Check).order_by().count(),
            "url": links.page("checks-list"),
        },
    ]
    pages = [
        ("Rankings", links.page("monitoring-top")),
        ("Devices by state", links.page("monitoring-devices")),
    ]
    return {"counts": counts, "pages": [{"label": label, "url": url} for label, url in pages if url]}


def channels_card(request: HttpRequest) -> dict[str, Any] | None:
    """Channels that reach nobody: whoever trusts in their messages must hear of it elsewhere."""
    if not can(request.user, "view", Channel):
        return None
    channels = list(visible(request.user, Channel).in_trouble()[: ROWS + 1])  # type: ignore[attr-defined]
    return {"channels": channels[:ROWS], "more": len(channels) > ROWS} if channels else None


def register() -> None:
    """Called once, at start."""
    cards.add("now", "monitoring/cards/now.html", now_card, order=10)
    cards.add("now", "monitoring/cards/channels.html", channels_card, order=20)
    cards.add("broken", "monitoring/cards/alerts.html", alerts_card, order=10)
    cards.add("broken", "monitoring/cards/services.html", services_card, order=20)
    cards.add("limits", "monitoring/cards/limits.html", limits_card, order=10)
    cards.add("doors", "monitoring/cards/door.html", door_card, order=20)
