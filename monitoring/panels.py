"""What monitoring shows on the pages of devices and interfaces."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core import panels
from core.access import can, hidden_fields, visible
from inventory.models import Device, Interface, Service, Site
from monitoring import health, hits, links, neighbors, vitals
from monitoring.models import Agent, Alert, Channel, Check, Notification, Series, seen_alerts

SHOWN = 8
NEIGHBORS = 60
LINES = 12  # of one chart
CHARTED = ("cpu.usage", "memory.usage", "disk.usage", "ping.rtt", "ping.loss", "temperature", *vitals.TRAFFIC)
PAIRS = (
    ("Traffic", ("if.in.octets", "if.out.octets")),
    ("Packets", ("if.in.packets", "if.out.packets")),
    ("Errors", ("if.in.errors", "if.out.errors")),
    ("Discards", ("if.in.discards", "if.out.discards")),
)


def checks_of(request: HttpRequest, device: Device) -> list[Check]:
    """The device's checks, read once a request."""
    kept: dict[int, list[Check]] = request.__dict__.setdefault("_checks", {})
    if device.pk not in kept:
        rows = visible(request.user, Check).filter(device=device).order_by("kind", "name")
        kept[device.pk] = list(rows)
    return kept[device.pk]


def vitals_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """Is it well, since when, and its key numbers."""
    if not can(request.user, "view", Check):
        return None
    checks = checks_of(request, device)
    reaching = alerts_of(request, device).filter(metric__in=health.ABOUT_REACHING)
    now = timezone.now()
    found = health.of_device(checks, list(reaching.order_by("-started_at")[:5]), now)
    next_run = min((check.next_run for check in checks if check.enabled and check.next_run), default=None)
    return {
        "health": found,
        **vitals.read(request.user, device),
        "next_run": next_run if next_run and next_run > now else None,
        "url": reverse("monitoring-vitals", args=[device.pk]),
        "add_check_url": links.page("checks-add", device=device.pk)
        if can(request.user, "add", Check)
        else "",
    }


def alerts_of(request: HttpRequest, device: Device) -> QuerySet[Alert]:
    """What the user may see of a device's alerts, without those that only may become some."""
    return seen_alerts(request.user).filter(device=device)


def _alerts(request: HttpRequest, rows: QuerySet[Alert], **filters: Any) -> dict[str, Any]:
    firing = list(
        rows.filter(status=Alert.Status.FIRING)
        .select_related("suppressed_by__device", "acknowledged_by")
        .order_by("-started_at")[: SHOWN * 3 + 1]
    )
    weight = {name: place for place, name in enumerate(("critical", "warning", "info"))}
    firing.sort(key=lambda alert: (alert.suppressed_by_id is not None, weight[alert.severity]))
    over = rows.filter(status=Alert.Status.RESOLVED).order_by("-resolved_at")[:3]
    return {
        "firing": [{"alert": one, "url": links.page("alerts-detail", one.pk)} for one in firing[:SHOWN]],
        "more": len(firing) > SHOWN,
        "over": [{"alert": one, "url": links.page("alerts-detail", one.pk)} for one in over],
        "all_url": links.alerts(**filters),
    }


def alerts_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """Open alerts, and the last that ended."""
    if not can(request.user, "view", Alert):
        return None
    return _alerts(request, alerts_of(request, device), device=device.pk)


def points(series: Sequence[Series]) -> str:
    """The address of a chart's numbers."""
    return f"{reverse('api-chart-points')}?{urlencode([('id', one.pk) for one in series[:LINES]])}"


def charts_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """What people look at first: processor, memory, disks, traffic of the busiest ports, reachability."""
    rows = list(
        Series.objects.seen_by(request.user)
        .filter(source__device=device, metric__in=CHARTED)
        .order_by("metric", "instance")
    )
    if not rows:
        return None
    by_metric: dict[str, list[Series]] = {}
    for one in rows:
        by_metric.setdefault(one.metric, []).append(one)
    ports = vitals.busiest(device, rows)
    traffic = [one for name in ports for one in rows if one.metric in vitals.TRAFFIC and one.instance == name]
    made = [
        _chart("CPU", by_metric.get("cpu.usage", []), ceiling=100),
        _chart("Memory", by_metric.get("memory.usage", []), ceiling=100),
        _chart("Traffic of the busiest interfaces", traffic, bits=True, wide=True),
        _chart("Disks", by_metric.get("disk.usage", []), ceiling=100),
        _chart("Round trip", by_metric.get("ping.rtt", [])),
        _chart("Temperature", by_metric.get("temperature", []), floor="auto"),
    ]
    return {"charts": [one for one in made if one], "group": "device", "range": _range(device)}


def _range(thing: Device | Interface) -> str:
    """What the charts show at first: of something new only the last hour, the rest would be empty."""
    return "1h" if timezone.now() - thing.created_at < timedelta(hours=4) else "24h"


def _chart(title: str, series: Sequence[Series], **shape: Any) -> dict[str, Any] | None:
    if not series:
        return None
    more = max(0, len(series) - LINES)
    return {
        "title": title + (f" (first {LINES} of {len(series)})" if more else ""),
        "url": points(series),
        **shape,
    }


def interfaces_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """The table of ports, asked for once it is looked at."""
    if not can(request.user, "view", Interface):
        return None
    count = visible(request.user, Interface).filter(device=device).order_by().count()
    return {"count": count, "url": reverse("monitoring-interfaces", args=[device.pk])} if count else None


def readings_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """Every other value, asked for once it is looked at."""
    rows = Series.objects.seen_by(request.user).filter(source__device=device)
    rows = rows.exclude(Q(metric__startswith="if.") | Q(metric__startswith="check."))
    return {"url": reverse("monitoring-readings", args=[device.pk])} if rows.exists() else None


def checks_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """What watches it: kind, interval, how the last run went."""
    if not can(request.user, "view", Check):
        return None
    checks = checks_of(request, device)
    now = timezone.now()
    rows = [
        {
            "check": check,
            "label": check.kind_label,
            "url": links.page("checks-detail", check.pk),
            "state": _state(check, now),
        }
        for check in checks
    ]
    may_add = can(request.user, "add", Check)
    return {"rows": rows, "add_url": links.page("checks-add", device=device.pk) if may_add else ""}


def processes_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """The processes that took most at the agent's last reading."""
    if not can(request.user, "view", Agent) or "top_processes" in hidden_fields(request.user, Agent):
        return None
    if can(request.user, "view", Check) and not any(one.passive for one in checks_of(request, device)):
        return None  # most devices have no agent: known without asking
    agent = visible(request.user, Agent).filter(device=device, processes_at__isnull=False).first()
    if agent is None:
        return None
    columns = [
        {"label": label, "note": note, "rows": agent.top_processes.get(key, [])}
        for key, label, note in (("cpu", "CPU", "of one core"), ("memory", "Memory", "of all"))
    ]
    return {"columns": [one for one in columns if one["rows"]], "at": agent.processes_at}


def neighbors_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """Who is at the other end of its ports, by its last discovery."""
    if not can(request.user, "view", Interface):
        return None
    shown, count = neighbors.of_device(request.user, device, NEIGHBORS)
    if not shown:
        return None
    known = neighbors.devices_named(request.user, device, {one.remote_name for one in shown})
    named = visible(request.user, Interface).filter(device=device, name__in={one.local_port for one in shown})
    ports = dict(named.order_by().values_list("name", "pk"))
    rows = [
        {"neighbor": one, "port": ports.get(one.local_port), "device": known.get(one.remote_name)}
        for one in shown
    ]
    return {"rows": rows, "count": count, "more": count - len(shown)}


def _state(check: Check, now: Any) -> str:
    if not check.enabled:
        return "disabled"
    if check.last_run is None:
        return "waiting"
    if not health.is_fresh(check, now):
        return "late"
    return str(check.status)


def site_panel(request: HttpRequest, site: Site) -> dict[str, Any] | None:
    """How the devices at a site are, and the alerts that are open there."""
    if not can(request.user, "view", Check) or not can(request.user, "view", Device):
        return None
    counts = health.at_site(request.user, site.pk)
    if not sum(counts.values()):
        return None
    firing = seen_alerts(request.user).filter(device__site=site, status=Alert.Status.FIRING)
    return {
        "states": [
            {
                "state": one,
                "count": counts[one],
                "url": links.page("monitoring-devices", state=one, site=site.pk),
            }
            for one in health.ORDER
            if counts[one] or one in (health.UP, health.DOWN)
        ],
        "alerts": firing.order_by().count() if can(request.user, "view", Alert) else None,
        "alerts_url": links.alerts(site=site.pk),
    }


def port_alerts_panel(request: HttpRequest, port: Interface) -> dict[str, Any] | None:
    """Alerts of one interface."""
    if not can(request.user, "view", Alert):
        return None
    rows = seen_alerts(request.user)
    named = Q(interface=port) | Q(device=port.device_id, instance=port.name, metric__startswith="if.")
    return _alerts(request, rows.filter(named), interface=port.pk)


def port_charts_panel(request: HttpRequest, port: Interface) -> dict[str, Any] | None:
    """Traffic, packets, errors and discards of one interface."""
    rows = Series.objects.seen_by(request.user).filter(
        source__device=port.device_id, instance=port.name, metric__startswith="if."
    )
    known = {one.metric: one for one in rows.order_by("-source_id")}
    if not known:
        return None
    made = [
        _chart(
            title,
            [known[name] for name in names if name in known],
            bits=title == "Traffic",
            wide=title == "Traffic",
        )
        for title, names in PAIRS
    ]
    return {"charts": [one for one in made if one], "group": "interface", "range": _range(port)}


def channel_panel(request: HttpRequest, channel: Channel) -> dict[str, Any] | None:
    """What keeps a channel from delivering."""
    found = visible(request.user, Channel).filter(pk=channel.pk).in_trouble().first()  # type: ignore[attr-defined]
    if found is None:
        return None
    waiting = visible(request.user, Notification).filter(channel=channel.pk, status="waiting").count()
    return {"channel": found, "waiting": waiting}


def register() -> None:
    """Called once, at start."""
    panels.add(Device, "monitoring/panels/vitals.html", vitals_panel, order=10, width="top")
    panels.add(Device, "monitoring/panels/alerts.html", alerts_panel, order=20, width="side")
    panels.add(Device, "monitoring/panels/charts.html", charts_panel, order=30, width="main")
    panels.add(Device, "monitoring/panels/checks.html", checks_panel, order=40, width="side")
    panels.add(Device, "monitoring/panels/processes.html", processes_panel, order=45, width="side")
    panels.add(Device, "monitoring/panels/interfaces.html", interfaces_panel, order=50)
    panels.add(Device, "monitoring/panels/neighbors.html", neighbors_panel, order=55)
    panels.add(Device, "monitoring/panels/readings.html", readings_panel, order=60)
    panels.add(Service, "monitoring/panels/service_alerts.html", hits.alerts_panel, order=20, width="top")
    panels.add(Site, "monitoring/panels/site.html", site_panel, order=10, width="top")
    panels.add(Channel, "monitoring/panels/channel.html", channel_panel, order=10, width="side")
    panels.add(Interface, "monitoring/panels/alerts.html", port_alerts_panel, order=20, width="side")
    panels.add(Interface, "monitoring/panels/charts.html", port_charts_panel, order=30, width="main")
