"""Pages of monitoring that belong to no resource: devices by state, rankings."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.access import require, visible
from core.format import duration
from inventory.models import Device, Site
from monitoring import charts, health, links, panels, ranking, recent, tops
from monitoring.cards import row
from monitoring.meters import METERS
from monitoring.models import Check, Series
from probes.metrics import METRICS

PAGE = 50
LONGEST = 50


@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """Devices in service by state, with what their checks say; of one site where the address names it."""
    require(request.user, "view", Device)
    site = _site(request)
    counts = health.at_site(request.user, site.pk) if site else health.now(request.user).states
    state = request.GET.get("state") or next((one for one in health.ORDER if counts[one]), health.UP)
    if state not in health.ORDER:
        raise Http404(f"There is no state {state}")
    rows = health.in_state(request.user, state).select_related("site", "role").order_by("name")
    rows = rows.filter(site=site) if site else rows
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    tabs = [
        {
            "label": health.states.of(one).label,
            "url": links.page("monitoring-devices", state=one, site=site and site.pk),
            "active": one == state,
            "count": counts[one],
        }
        for one in health.ORDER
    ]
    context = {"title": "Devices by state", "state": state, "tabs": tabs, "page_obj": page, "site": site}
    return render(request, "monitoring/devices.html", {**context, "lines": list(_lines(request, page))})


def _site(request: HttpRequest) -> Site | None:
    key = request.GET.get("site", "")
    if not key:
        return None
    pk = int(key) if key.isdecimal() and len(key) < 19 else 0
    found: Site = get_object_or_404(visible(request.user, Site), pk=pk)
    return found


def _lines(request: HttpRequest, devices_shown: Any) -> list[dict[str, Any]]:
    """Device, its failing check's words and when it was last heard."""
    shown = list(devices_shown)
    ids = [device.pk for device in shown]
    checks = visible(request.user, Check).filter(device__in=ids, enabled=True).order_by()
    last = dict(checks.filter(status=Check.Status.OK).values_list("device_id").annotate(Max("last_run")))
    errors = {
        device_id: (Check(kind=kind).kind_label, error)
        for device_id, kind, error in checks.filter(~Q(last_error="")).values_list(
            "device_id", "kind", "last_error"
        )
    }
    return [
        {"device": device, "error": errors.get(device.pk), "answered": last.get(device.pk)}
        for device in shown
    ]


@login_required
def top(request: HttpRequest) -> HttpResponse:
    """The highest (or lowest) current values by a meter or any metric, named in the address."""
    require(request.user, "view", Device)
    metric = request.GET.get("metric", "")
    if metric and metric not in METRICS:
        raise Http404(f"There is no metric {metric}")
    meter = request.GET.get("meter") or ("" if metric else next(iter(METERS)))
    if meter and meter not in METERS:
        raise Http404(f"There is no meter {meter}")
    lowest = bool(request.GET.get("lowest"))
    if meter:
        rows = [row(place) for place in tops.highest(request.user, [meter], LONGEST)[meter]]
        name = METERS[meter].label
    else:
        rows = ranking.of_metric(request.user, metric, LONGEST, lowest)
        name = METRICS[metric].label
    series = {
        one.pk: one
        for one in Series.objects.seen_by(request.user).filter(pk__in=[r["series_id"] for r in rows])
    }
    lines = recent.sparks(list(series.values()))
    for one in rows:
        one["spark"] = lines.get(one["series_id"], [])
        one["spark_unit"] = series[one["series_id"]].unit if one["series_id"] in series else ""
    tabs = [
        {"label": one.label, "url": links.page("monitoring-top", meter=one.key), "active": one.key == meter}
        for one in METERS.values()
    ]
    context = {
        "title": "Rankings",
        "name": name,
        "tabs": tabs,
        "rows": rows,
        "metric": metric,
        "lowest": lowest,
    }
    return render(request, "monitoring/top.html", {**context, "metrics": ranking.choices(), "meter": meter})


@login_required
def series(request: HttpRequest, pk: int) -> HttpResponse:
    """One line of numbers over any range."""
    one = get_object_or_404(Series.objects.seen_by(request.user).select_related("source__device"), pk=pk)
    device = one.source.device
    context = {
        "title": charts.label(one),
        "subtitle": f"From the check {one.source}, every {duration(one.source.interval)}",
        "crumbs": [{"label": str(device), "url": links.page("devices-detail", device.pk)}],
        "series": one,
        "url": panels.points([one]),
    }
    return render(request, "monitoring/series.html", context)
