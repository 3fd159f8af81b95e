"""The few numbers by which one sees whether a device is well, with the last hours as a line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from inventory.models import Device, Interface
from monitoring import charts, meters, recent
from monitoring.meters import METERS, Meter
from monitoring.models import Series, Top

SPAN = timedelta(hours=3)
TRAFFIC = ("if.in.octets", "if.out.octets")
HOT, VERY_HOT = 65.0, 80.0  # °C of anything in a rack


@dataclass(frozen=True, slots=True)
class Wanted:
    """A gauge: the worst instance of a metric. meter: where its thresholds stand."""

    metric: str
    label: str
    meter: Meter | None = None
    worst: bool = True


WANTED = (
    Wanted("cpu.usage", "CPU", METERS["cpu"]),
    Wanted("memory.usage", "Memory", METERS["memory"]),
    Wanted("disk.usage", "Fullest disk", METERS["disk"]),
    Wanted("temperature", "Hottest sensor"),
    Wanted("ping.rtt", "Round trip", worst=False),
    Wanted("ping.loss", "Packet loss"),
    Wanted("battery.charge", "Battery", METERS["battery"]),
    Wanted("load", "Load of the supply"),
    Wanted("supply.level", "Lowest supply", METERS["supply"]),
    Wanted("http.total", "HTTP request"),
    Wanted("tls.days", "Certificate", METERS["certificate"]),
)
MOST = 7


@dataclass(slots=True)
class Gauge:
    """A number of the first row. share: per cent for a bar, None for none · tone: ok, warn, bad."""

    label: str
    instance: str
    value: float | None
    unit: str
    tone: str
    series: Series
    share: float | None = None
    spark: Sequence[float | None] = field(default_factory=list)
    bits: bool = False


def gauges(rows: Sequence[Series], values: dict[int, tuple[float | None, float]]) -> list[Gauge]:
    """One gauge a wanted metric that the device has, the worst instance of each."""
    found = []
    for wanted in WANTED:
        mine = [(values.get(one.pk, (None, 0.0))[0], one) for one in rows if one.metric == wanted.metric]
        known = [(value, one) for value, one in mine if value is not None]
        if known:
            low = wanted.meter is not None and wanted.meter.low
            value, series = (min if low else max)(known, key=lambda pair: pair[0])
        elif mine:
            value, series = mine[0]
        else:
            continue
        found.append(_gauge(wanted, series, value))
    calm = [one for one in found if one.series.metric == "ping.loss" and not one.value]
    return [one for one in found if one not in calm]


def _gauge(wanted: Wanted, series: Series, value: float | None) -> Gauge:
    tone = "off" if value is None else "ok"
    if value is not None and wanted.meter:
        tone = meters.tone(wanted.meter, value)
    elif value is not None and wanted.metric == "temperature":
        tone = "bad" if value >= VERY_HOT else "warn" if value >= HOT else "ok"
    elif value is not None and wanted.metric == "ping.loss":
        tone = "bad" if value >= 50 else "warn" if value > 0 else "ok"
    share = value if series.unit == "%" else None
    return Gauge(wanted.label, series.instance, value, series.unit, tone, series, share)


def traffic_gauge(device: Device) -> Gauge | None:
    """The busiest interface, by the summary."""
    found = (
        Top.objects.filter(device=device, meter=meters.UTILIZATION, rank=1).select_related("series").first()
    )
    if found is None:
        return None
    tone = meters.tone(METERS[meters.UTILIZATION], found.value)
    return Gauge(
        "Busiest interface", found.instance, found.value, "%", tone, found.series, found.value, bits=True
    )


def read(user: Any, device: Device) -> dict[str, Any]:
    """The gauges of a device, at most MOST, each with its line, and for how many seconds it runs."""
    metrics = [wanted.metric for wanted in WANTED]
    rows = list(Series.objects.seen_by(user).filter(source__device=device, metric__in=[*metrics, "uptime"]))
    values = charts.current(rows) if rows else {}
    uptime = max(
        (values[one.pk][0] or 0 for one in rows if one.metric == "uptime" and one.pk in values), default=0
    )
    found = gauges(rows, values)
    busiest = traffic_gauge(device) if rows else None
    if busiest:
        found.insert(min(3, len(found)), busiest)
    found = found[:MOST]
    young = timezone.now() - device.created_at < SPAN
    lines = recent.sparks([gauge.series for gauge in found], recent.HOUR if young else SPAN)
    for gauge in found:
        gauge.spark = lines.get(gauge.series.pk, [])
    return {"gauges": found, "uptime": uptime}


def busiest(device: Device, rows: Sequence[Series], limit: int = 3) -> list[str]:
    """Names of the interfaces with the most traffic now."""
    traffic = [one for one in rows if one.metric in TRAFFIC]
    values = charts.current(traffic)
    total: dict[str, float] = {}
    for one in traffic:
        total[one.instance] = total.get(one.instance, 0.0) + (values.get(one.pk, (None, 0.0))[0] or 0.0)
    physical = set(Interface.objects.filter(device=device, speed__gt=0).values_list("name", flat=True))
    names = sorted(
        total, key=lambda name: (name.lower().startswith("lo"), name not in physical, -total[name])
    )
    return names[:limit]
