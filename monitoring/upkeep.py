"""What must be looked at from time to time: silence, alerts without a cause, missing checks, old rows."""

from datetime import UTC, datetime

import numpy as np
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core import history
from inventory.models import Device
from monitoring import actions, rules
from monitoring.book import Book, Subject
from monitoring.engine.evaluate import Batch, InstanceNames, evaluate
from monitoring.ingest import lock
from monitoring.layout import metric_number
from monitoring.models import Alert, AlertEvent, Check

AGE = "check.age"
WATCH = "monitoring.watch"
LONGEST_PAUSE = 120.0  # seconds between two looks; after a longer pause everybody gets time to deliver
CHUNK = 500

SILENT = """
SELECT c.id FROM monitoring_check c JOIN inventory_device d ON d.id = c.device_id
WHERE c.enabled AND d.status = 'active'
  AND greatest(c.last_run, c.updated_at) < now() - make_interval(secs => greatest(180, 3 * c.interval))
UNION
SELECT a.check_id FROM monitoring_alert a
WHERE a.metric = 'check.age' AND a.status <> 'resolved' AND a.check_id IS NOT NULL
"""


def watching_since(now: float) -> float:
    """Since when this function is called without a pause: before, nobody was there to be delivered to."""
    since, last = cache.get(WATCH, (now, 0.0))
    if not 0 <= now - last <= LONGEST_PAUSE:
        since = now
    cache.set(WATCH, (since, now), timeout=None)
    return since


def find_silence(now: float | None = None, since: float = 0.0) -> int:
    """Evaluate `check.age`, the seconds since a check last delivered anything; returns the checks looked at.

    Only checks that are late, or whose alert is open, are looked at. A long interval counts as its third. An
    alert opens only for silence after `since` (our own absence is no device's fault) and after the check was
    made or changed.
    """
    now = timezone.now().timestamp() if now is None else now
    with connection.cursor() as cursor:
        cursor.execute(SILENT)
        ids = sorted(check_id for (check_id,) in cursor.fetchall())
    for at in range(0, len(ids), CHUNK):
        with transaction.atomic():
            _judge_ages(ids[at : at + CHUNK], now, since)
    return len(ids)


def _judge_ages(ids: list[int], now: float, since: float) -> None:
    checks = lock(ids)
    order = list(checks)
    rows = {row.pk: row for row in Check.objects.filter(pk__in=order).only("interval", "updated_at")}
    count = len(order)
    ruleset, book = rules.load(), Book(order)
    silent = {check for (_, check, metric, _), entry in book.entries.items() if metric == AGE and entry.state}
    begun = [
        checks[pk].last_run
        if pk in silent and checks[pk].last_run
        else max(checks[pk].last_run, rows[pk].updated_at.timestamp(), since)
        for pk in order
    ]
    ages = np.array(
        [now - at - max(0, 3 * (rows[pk].interval - 60)) for pk, at in zip(order, begun, strict=True)]
    )
    numbers = {pk: number for number, pk in enumerate(order)}
    batch = Batch(
        at=np.full(count, now),
        healthy=np.ones(count, bool),
        values=ages,
        last=np.full(count, np.nan),
        metric=np.full(count, metric_number(AGE), np.int32),
        check=np.arange(count, dtype=np.int32),
        instances=InstanceNames(np.arange(count), [[""]] * count),
        applies=ruleset.applies([checks[pk].facts for pk in order]),
    )
    states = {
        (rule, numbers[check]): entry.state
        for (rule, check, metric, _), entry in book.entries.items()
        if metric == AGE and entry.state
    }
    recent = {
        (rule, numbers[check]): flips
        for (rule, check, metric, _), flips in book.recent.items()
        if metric == AGE
    }
    for step in evaluate(batch, list(ruleset.conditions), states, recent):
        pk = order[step.position]
        subject = Subject(pk, checks[pk].device_id, AGE, "")
        book.apply(step, ruleset.row(step.rule), subject)
    book.save()


ORPHANS = """
SELECT a.id FROM monitoring_alert a
LEFT JOIN monitoring_rule r ON r.id = a.rule_id
LEFT JOIN monitoring_check c ON c.id = a.check_id
JOIN inventory_device d ON d.id = a.device_id
WHERE a.status <> 'resolved'
  AND (r.id IS NULL OR NOT r.enabled OR c.id IS NULL OR NOT c.enabled
       OR d.status NOT IN ('active', 'maintenance'))
FOR NO KEY UPDATE OF a
"""


@transaction.atomic
def close_orphans() -> int:
    """End alerts whose rule or check is gone or switched off, or whose device is out of service."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS)
        ids = [alert_id for (alert_id,) in cursor.fetchall()]
    now = datetime.now(UTC)
    firing = list(Alert.objects.filter(pk__in=ids, status=Alert.Status.FIRING))
    Alert.objects.filter(pk__in=ids, status=Alert.Status.PENDING).delete()
    Alert.objects.filter(pk__in=[alert.pk for alert in firing]).update(
        status=Alert.Status.RESOLVED, resolved_at=now
    )
    AlertEvent.objects.bulk_create(
        [
            AlertEvent(alert=alert, kind=AlertEvent.Kind.RESOLVED, at=now, text="Its rule or check has ended")
            for alert in firing
        ]
    )
    return len(ids)


def add_missing_checks() -> int:
    """Default checks for devices that never had any; returns how many checks were made."""
    had = history.event_model(Check)._default_manager.filter(device=OuterRef("pk"))
    bare = (
        Device.objects.filter(~Exists(had), checks__isnull=True, status__in=actions.POLLED)
        .exclude(address="")
        .select_related("credential", "role", "platform")
    )
    return actions.apply_defaults(list(bare[:2000]))


def forget_deleted() -> None:
    """Rows of the store whose check is gone; its sweeps and roll-ups go with their partitions."""
    with connection.cursor() as cursor:
        for table in ("monitoring_latest", "monitoring_previous", "monitoring_late"):
            cursor.execute(
                f"DELETE FROM {table} t WHERE NOT EXISTS "  # noqa: S608 - our own names
                "(SELECT 1 FROM monitoring_check c WHERE c.id = t.check_id)"
            )
