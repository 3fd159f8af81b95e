"""Where the fullest things are heading: slopes of the last week, from the roll-ups by the hour."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from monitoring.meters import METERS
from monitoring.models import Trend

WEEK = timedelta(days=8)
ENOUGH_HOURS = 48

# Hourly means of the days that are rolled up by the day, those of the running one from the 5-minute roll-ups.
FIT = """
WITH places AS (
    SELECT DISTINCT s.id, s.check_id, s.part, s.slot
    FROM monitoring_top t JOIN monitoring_series s ON s.id = t.series_id
    WHERE t.meter = ANY(%(meters)s) AND t.value >= %(least)s
), hours AS (
    SELECT p.id, extract(epoch FROM r.day) / 86400 + h.number / 24.0 AS day, h.value
    FROM places p
    JOIN monitoring_rollup1h r ON r.check_id = p.check_id AND r.part = p.part AND r.day >= %(since)s
    CROSS JOIN LATERAL unnest(r.mean[p.slot + 1:p.slot + 1]) WITH ORDINALITY AS h(value, number)
    UNION ALL
    SELECT p.id, extract(epoch FROM r.hour) / 86400, h.value
    FROM places p
    JOIN monitoring_rollup5m r ON r.check_id = p.check_id AND r.part = p.part
        AND r.hour >= greatest(%(since)s, (SELECT max(until) FROM monitoring_rolled WHERE name = '1h'))
    CROSS JOIN LATERAL (SELECT avg(nullif(v, 'NaN')) AS value FROM unnest(r.mean[p.slot + 1:p.slot + 1]) v) h
)
SELECT id, regr_slope(value, day) FROM hours
WHERE value IS NOT NULL AND value <> 'NaN'
GROUP BY id
HAVING count(*) >= %(enough)s
"""
LEAST = 50.0  # per cent: what is emptier interests nobody yet


@transaction.atomic
def foresee(now: datetime | None = None) -> int:
    """Fit a line through the last week of everything that can fill up and is half full; returns how many."""
    now = now or timezone.now()
    ending = [meter.key for meter in METERS.values() if meter.ceiling is not None]
    with connection.cursor() as cursor:
        cursor.execute(FIT, {"meters": ending, "least": LEAST, "since": now - WEEK, "enough": ENOUGH_HOURS})
        slopes = [(series_id, slope) for series_id, slope in cursor.fetchall() if slope is not None]
    Trend.objects.bulk_create(
        [Trend(series_id=series_id, per_day=slope, computed_at=now) for series_id, slope in slopes],
        update_conflicts=True,
        unique_fields=["series"],
        update_fields=["per_day", "computed_at"],
    )
    Trend.objects.filter(computed_at__lt=now).delete()
    return len(slopes)
