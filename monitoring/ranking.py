"""Any metric's highest current values over all devices, straight from the newest sweeps."""

from typing import Any

from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from core.access import is_unlimited, visible
from inventory.models import Device
from monitoring.models import Series
from probes.metrics import METRICS

CURRENT = """(
SELECT nullif(l."values"[monitoring_series.slot + 1], 'NaN') FROM monitoring_latest l
WHERE l.check_id = monitoring_series.check_id AND l.part = monitoring_series.part
    AND l.at > now() - interval '1 hour'
)"""


def of_metric(user: Any, metric: str, limit: int, lowest: bool = False) -> list[dict[str, Any]]:
    """The devices and instances with the highest values, as templates/monitoring/rank.html wants them."""
    rows = Series.objects.seen_by(user).filter(metric=metric, source__enabled=True)
    if not is_unlimited(user, Device):
        rows = rows.filter(source__device__in=visible(user, Device).order_by().values("pk"))
    current = RawSQL(CURRENT, [], output_field=FloatField())  # noqa: S611 - our own text
    rows = rows.annotate(value=current).filter(value__isnull=False)
    rows = rows.select_related("source__device").order_by("value" if lowest else "-value", "pk")[:limit]
    return [
        {
            "device": one.source.device,
            "instance": one.instance,
            "value": one.value,
            "unit": one.unit,
            "tone": "ok",
            "share": min(100.0, max(0.0, one.value)) if one.unit == "%" else None,
            "days": None,
            "series_id": one.pk,
            "check_id": one.source_id,
        }
        for one in rows
    ]


def choices() -> list[tuple[str, str]]:
    """Metrics to choose from, by label."""
    return sorted(((name, metric.label) for name, metric in METRICS.items()), key=lambda pair: pair[1])
