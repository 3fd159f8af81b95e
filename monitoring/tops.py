"""The summary of what stands highest (monitoring.models.Top): made now and then, read by the overview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.access import limited
from inventory.models import Device
from monitoring.meters import METERS, UTILIZATION, Meter
from monitoring.models import Check, Top, Trend

KEPT = 5  # of one device by one meter
LOCK = 4_170_240  # advisory lock: one summary at a time
DAYS_AHEAD = 365.0  # nobody believes a forecast beyond
MIN_SLOPE = 0.02  # units a day: less is rest

# A value counts while its check still delivers: three intervals, at least five minutes.
FRESH = "l.at > %(now)s - make_interval(secs => greatest(300, 3 * c.interval))"

VALUES = f"""
SELECT m.meter, c.device_id, c.id AS check_id, s.id AS series_id, s.instance,
    round(l."values"[s.slot + 1]::numeric, 1)::float8 AS value, m.low, m.floor
FROM (SELECT * FROM unnest(%(meters)s::text[], %(metrics)s::text[], %(lows)s::bool[], %(floors)s::float8[])
      AS m(meter, metric, low, floor)) m
JOIN monitoring_series s ON s.metric = m.metric
JOIN monitoring_latest l ON l.check_id = s.check_id AND l.part = s.part
JOIN monitoring_check c ON c.id = s.check_id AND c.enabled
WHERE {FRESH}
"""  # noqa: S608 - our own text

# Both directions of an interface in one row: the busier one, as a share of its speed.
TRAFFIC = f"""
SELECT %(traffic)s AS meter, p.device_id, p.check_id,
    CASE WHEN p.received >= coalesce(p.sent, 0) THEN p.in_series ELSE p.out_series END AS series_id,
    p.instance,
    round((greatest(p.received, p.sent) * 800 / i.speed)::numeric, 1)::float8 AS value, false AS low,
    %(traffic_floor)s::float8 AS floor
FROM (
    SELECT c.device_id, s.check_id, s.instance,
        max(nullif(l."values"[s.slot + 1], 'NaN')) FILTER (WHERE s.metric = 'if.in.octets') AS received,
        max(nullif(l."values"[s.slot + 1], 'NaN')) FILTER (WHERE s.metric = 'if.out.octets') AS sent,
        max(s.id) FILTER (WHERE s.metric = 'if.in.octets') AS in_series,
        max(s.id) FILTER (WHERE s.metric = 'if.out.octets') AS out_series
    FROM monitoring_series s
    JOIN monitoring_latest l ON l.check_id = s.check_id AND l.part = s.part
    JOIN monitoring_check c ON c.id = s.check_id AND c.enabled
    WHERE s.metric IN ('if.in.octets', 'if.out.octets') AND {FRESH}
    GROUP BY c.device_id, s.check_id, s.instance
) p
JOIN inventory_interface i ON i.device_id = p.device_id AND i.name = p.instance AND i.speed > 0
"""  # noqa: S608 - our own text

# Rows that say the same as before are left alone: most of them, for values are kept to a tenth.
REFRESH = f"""
WITH found AS MATERIALIZED (
    SELECT meter, device_id, check_id, series_id, rank, instance, value
    FROM (
        SELECT v.*, row_number() OVER (
            PARTITION BY meter, device_id
            ORDER BY CASE WHEN low THEN value ELSE -value END, series_id
        ) AS rank
        FROM ({VALUES} UNION ALL {TRAFFIC}) v
        WHERE value <> 'NaN' AND series_id IS NOT NULL
    ) r
    WHERE rank = 1 OR rank <= %(kept)s AND CASE WHEN low THEN value <= floor ELSE value >= floor END
), gone AS (
    DELETE FROM monitoring_top t
    WHERE NOT EXISTS (SELECT FROM found f
        WHERE f.meter = t.meter AND f.device_id = t.device_id AND f.rank = t.rank)
)
INSERT INTO monitoring_top AS t (meter, device_id, check_id, series_id, rank, instance, value)
SELECT meter, device_id, check_id, series_id, rank, instance, value FROM found
ON CONFLICT (meter, device_id, rank) DO UPDATE SET
    check_id = EXCLUDED.check_id, series_id = EXCLUDED.series_id, instance = EXCLUDED.instance,
    value = EXCLUDED.value
WHERE (t.value, t.series_id) IS DISTINCT FROM (EXCLUDED.value, EXCLUDED.series_id)
"""  # noqa: S608 - our own text


def refresh(now: datetime | None = None) -> int:
    """Bring the summary up to the newest sweeps; returns how many rows changed.

    Two at the same time: the second does nothing.
    """
    plain = [meter for meter in METERS.values() if meter.key != UTILIZATION]
    pairs = [(meter, metric) for meter in plain for metric in meter.metrics]
    values = {
        "now": now or timezone.now(),
        "meters": [meter.key for meter, _ in pairs],
        "metrics": [metric for _, metric in pairs],
        "lows": [meter.low for meter, _ in pairs],
        "floors": [meter.floor for meter, _ in pairs],
        "traffic": UTILIZATION,
        "traffic_floor": METERS[UTILIZATION].floor,
        "kept": KEPT,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(REFRESH, values)
        return int(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a ranking. `days`: until it is full at the pace of the last week, None where it is not."""

    meter: Meter
    top: Top
    days: float | None = None

    @property
    def device(self) -> Device:
        return self.top.device


def allowed(user: Any, rows: QuerySet) -> QuerySet:
    """Rows with `device` and `source` as far as the user may see both."""
    return limited(limited(rows, user, Device, "device"), user, Check, "source")


def highest(user: Any, keys: Sequence[str], limit: int = 5, beyond: bool = False) -> dict[str, list[Place]]:
    """The worst values by meter that the user may see, worst first. beyond: only those past the floor."""
    found: dict[str, list[Place]] = {key: [] for key in keys}
    if not keys:
        return found
    parts = [_of(user, METERS[key], limit, beyond) for key in keys]
    rows = list(parts[0].union(*parts[1:], all=True)) if len(parts) > 1 else list(parts[0])
    tops = {
        top.pk: top
        for top in Top.objects.filter(pk__in=[pk for (pk,) in rows]).select_related("device", "source")
    }
    slopes = dict(
        Trend.objects.filter(series__in=[top.series_id for top in tops.values()]).values_list(
            "series_id", "per_day"
        )
    )
    for top in tops.values():
        meter = METERS[top.meter]
        found[top.meter].append(Place(meter, top, days_until(meter, top.value, slopes.get(top.series_id))))
    for key, places in found.items():
        places.sort(key=lambda place: (place.top.value, place.top.pk), reverse=not METERS[key].low)
    return found


def _of(user: Any, meter: Meter, limit: int, beyond: bool) -> QuerySet:
    rows = allowed(user, Top.objects.filter(meter=meter.key))
    if beyond:
        rows = rows.filter(**{f"value__{'lte' if meter.low else 'gte'}": meter.floor})
    return rows.order_by("value" if meter.low else "-value", "pk").values_list("pk")[:limit]


def days_until(meter: Meter, value: float, per_day: float | None) -> float | None:
    """Days until a meter with an end is full at this slope; None when it is not, or not within a year."""
    if meter.ceiling is None or per_day is None or per_day < MIN_SLOPE:
        return None
    days = max(0.0, (meter.ceiling - value) / per_day)
    return days if days <= DAYS_AHEAD else None
