"""Parts of the device page that are asked for when they are looked at: vitals, ports, readings."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.access import require, visible
from inventory.models import Device, Interface
from monitoring import charts, panels, recent
from monitoring.meters import METERS, UTILIZATION, tone
from monitoring.models import Series
from monitoring.order import natural
from monitoring.words import state_word
from probes.metrics import METRICS

PORT_METRICS = (
    "if.in.octets",
    "if.out.octets",
    "if.in.errors",
    "if.out.errors",
    "if.in.discards",
    "if.out.discards",
)
PAGE = 100
SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda row: row["place"],
    "state": lambda row: (row["order"], row["place"]),
    "in": lambda row: (-(row["in"] or 0), row["place"]),
    "out": lambda row: (-(row["out"] or 0), row["place"]),
    "usage": lambda row: (-(row["usage"] or 0), row["place"]),
    "errors": lambda row: (-(row["errors"] or 0), row["place"]),
}
STATES = {"up": 1, "down": 0, "unknown": 2, "disabled": 3}


def device_of(request: HttpRequest, pk: int) -> Device:
    require(request.user, "view", Device)
    device: Device = get_object_or_404(visible(request.user, Device), pk=pk)
    return device


def frame(request: HttpRequest) -> str:
    """The base of the template: a fragment for htmx, a page of its own otherwise."""
    return "resources/fragment.html" if getattr(request, "htmx", None) else "base.html"


def answer(request: HttpRequest, template: str, device: Device, **context: Any) -> HttpResponse:
    crumbs = [{"label": str(device), "url": panels.links.page("devices-detail", device.pk)}]
    shared = {"frame": frame(request), "device": device, "crumbs": crumbs}
    return render(request, template, shared | context)


@login_required
def vitals(request: HttpRequest, pk: int) -> HttpResponse:
    """The first row of the device page, fresh."""
    device = device_of(request, pk)
    found = panels.vitals_panel(request, device) or {}
    return answer(request, "monitoring/fragments/vitals.html", device, title=str(device), **found)


@login_required
def interfaces(request: HttpRequest, pk: int) -> HttpResponse:
    """The ports of a device: what they are, how they are, what goes through now."""
    device = device_of(request, pk)
    words, only = request.GET.get("port", "").strip().lower()[:100], request.GET.get("only", "")
    sort = request.GET.get("sort", "name")
    rows = list(ports(request, device))
    counts = {state: sum(row["state"] == state for row in rows) for state in STATES}
    shown = [row for row in rows if _fits(row, words) and (only not in STATES or row["state"] == only)]
    shown.sort(key=SORTS.get(sort, SORTS["name"]))
    page = Paginator(shown, PAGE).get_page(request.GET.get("ports"))
    _draw(page.object_list)
    context = {"counts": counts, "total": len(rows), "words": words, "only": only, "sort": sort}
    title = f"Interfaces of {device}"
    return answer(
        request, "monitoring/fragments/interfaces.html", device, title=title, page_obj=page, **context
    )


def _fits(row: dict[str, Any], words: str) -> bool:
    port = row["port"]
    return all(word in f"{port.name} {port.alias} {port.mac}".lower() for word in words.split())


def ports(request: HttpRequest, device: Device) -> Iterable[dict[str, Any]]:
    """A row a port; three queries."""
    series = Series.objects.seen_by(request.user).filter(source__device=device, metric__in=PORT_METRICS)
    known = list(series.only("id", "source_id", "part", "slot", "metric", "instance", "unit"))
    values = charts.current(known) if known else {}
    by_port: dict[str, dict[str, Series]] = {}
    for one in known:
        by_port.setdefault(one.instance, {})[one.metric] = one
    found = visible(request.user, Interface).filter(device=device).order_by()
    for place, port in enumerate(sorted(found, key=lambda one: natural(one.name))):
        yield _row(port, place, by_port.get(port.name, {}), values)


def _row(
    port: Interface, place: int, series: dict[str, Series], values: dict[int, tuple[float | None, float]]
) -> dict[str, Any]:
    now = {name: values.get(one.pk, (None, 0.0))[0] for name, one in series.items()}
    received, sent = now.get("if.in.octets"), now.get("if.out.octets")
    busier = max((value for value in (received, sent) if value is not None), default=None)
    usage = busier * 800 / port.speed if busier is not None and port.speed else None
    wrong = [now[name] for name in PORT_METRICS[2:] if now.get(name) is not None]
    state = "disabled" if not port.admin_up else {True: "up", False: "down", None: "unknown"}[port.oper_up]
    return {
        "port": port,
        "place": place,
        "state": state,
        "order": STATES[state],
        "in": received,
        "out": sent,
        "usage": usage,
        "tone": "off" if usage is None else tone(METERS[UTILIZATION], usage),
        "errors": sum(value for value in wrong if value) if wrong else None,
        "lines": [series[name] for name in PORT_METRICS[:2] if name in series],
    }


def _draw(rows: Iterable[dict[str, Any]]) -> None:
    """The last hour of what came and went, in one query."""
    shown = list(rows)
    lines = recent.sparks([one for row in shown for one in row["lines"]])
    for row in shown:
        drawn = [lines[one.pk] for one in row["lines"] if one.pk in lines]
        row["spark"] = recent.added(drawn)


GROUPS = (
    ("Storage", ("disk.",)),
    ("Processor and memory", ("cpu.", "memory.", "swap.")),
    (
        "Sensors",
        (
            "temperature",
            "fan",
            "voltage",
            "current",
            "power",
            "humidity",
            "sensor.",
            "optical.",
            "signal",
            "frequency",
            "pressure",
            "airflow",
            "waterflow",
            "cooling",
            "energy",
            "percent",
        ),
    ),
    ("Power and supplies", ("battery.", "supply.", "load")),
    ("System", ("uptime", "users.", "process.", "service.", "reboot.", "agent.")),
    ("Reachability and services", ("ping.", "tcp.", "http.", "tls.", "dns.")),
)


@login_required
def readings(request: HttpRequest, pk: int) -> HttpResponse:
    """Every other value of a device as it is now, in groups that people think in."""
    device = device_of(request, pk)
    series = Series.objects.seen_by(request.user).filter(source__device=device)
    known = [one for one in series if not one.metric.startswith(("if.", "check."))]
    values = charts.current(known) if known else {}
    groups: dict[str, dict[str, dict[str, Any]]] = {name: {} for name, _ in (*GROUPS, ("Others", ()))}
    for one in known:
        group = groups[_group(one.metric)]
        row = group.setdefault(one.instance, {"instance": one.instance, "values": []})
        row["values"].append(_reading(one, values.get(one.pk, (None, 0.0))[0]))
    shown = [
        {"name": name, "rows": sorted(rows.values(), key=lambda row: natural(row["instance"]))}
        for name, rows in groups.items()
        if rows
    ]
    title = f"Readings of {device}"
    return answer(request, "monitoring/fragments/readings.html", device, title=title, groups=shown)


def _group(metric: str) -> str:
    return next((name for name, starts in GROUPS if metric.startswith(starts)), "Others")


def _reading(one: Series, value: float | None) -> dict[str, Any]:
    known = METRICS.get(one.metric)
    meter = next((meter for meter in METERS.values() if one.metric in meter.metrics), None)
    return {
        "label": known.label if known else one.metric,
        "value": value,
        "unit": one.unit,
        "word": state_word(one.metric, value) if one.kind == "state" else "",
        "tone": tone(meter, value) if meter and value is not None else "",
        "url": panels.links.page("monitoring-series", one.pk),
    }
