"""How devices are, by their checks: answering, partly, not, silent, waiting for the first poll, unwatched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Greatest, Now

from core import states
from core.access import visible
from inventory.models import Device
from monitoring.actions import POLLED
from monitoring.models import Alert, Check

UP, PARTLY, DOWN, SILENT, WAITING, UNWATCHED = "up", "partly", "down", "silent", "waiting", "unwatched"
ORDER = (DOWN, PARTLY, SILENT, UP, WAITING, UNWATCHED)
for _key, _label, _tone, _icon in (
    (PARTLY, "Partly up", "warn", ""),
    (SILENT, "Silent", "warn", "clock-exclamation"),
    (WAITING, "Waiting", "off", "clock"),
    (UNWATCHED, "Not monitored", "off", "eye-off"),
):
    states.add(_key, _label, _tone, _icon)

PATIENCE = Greatest(Value(180), F("interval") * 3)
OVERDUE = Now() - ExpressionWrapper(PATIENCE * Value(timedelta(seconds=1)), output_field=DurationField())
FRESH = Q(last_run__gt=OVERDUE)
ABOUT_REACHING = ("check.up", "check.age")


@dataclass(frozen=True, slots=True)
class Health:
    """`since` is when the state began, where that is known; `reason` what a check said."""

    state: str
    since: datetime | None = None
    reason: str = ""
    last_run: datetime | None = None


def state_of(answers: bool, fails: bool, ran: bool, watched: bool) -> str:
    """The state by what the enabled checks say: some answer, some fail, some ever ran, there are any."""
    if answers:
        return PARTLY if fails else UP
    if fails:
        return DOWN
    if ran:
        return SILENT
    return WAITING if watched else UNWATCHED


def by_device(checks: QuerySet[Check]) -> QuerySet:
    """One row a device: device_id, answers, fails, ran."""
    return (
        checks.filter(enabled=True)
        .order_by()
        .values("device_id")
        .annotate(
            answers=BoolOr(Q(status=Check.Status.OK) & FRESH),
            fails=BoolOr(Q(status=Check.Status.FAILED) & FRESH),
            ran=BoolOr(Q(last_run__isnull=False)),
        )
    )


def watched(user: Any) -> QuerySet[Check]:
    """Enabled checks of devices in service that the user may see."""
    checks = visible(user, Check).filter(enabled=True, device__status__in=POLLED)
    devices = visible(user, Device)
    return checks.filter(device__in=devices) if devices.query.where else checks


def counts(user: Any) -> dict[str, int]:
    """How many of the user's devices in service are in each state; two queries."""
    rows = by_device(watched(user))
    found = rows.aggregate(
        up=Count("device_id", filter=Q(answers=True, fails=False)),
        partly=Count("device_id", filter=Q(answers=True, fails=True)),
        down=Count("device_id", filter=Q(answers=False, fails=True)),
        silent=Count("device_id", filter=Q(answers=False, fails=False, ran=True)),
        waiting=Count("device_id", filter=Q(ran=False)),
    )
    total = visible(user, Device).filter(status__in=POLLED).order_by().count()
    return {**found, UNWATCHED: max(0, total - sum(found.values()))}


def in_state(user: Any, state: str) -> QuerySet[Device]:
    """The user's devices in service that are in a state."""
    devices = visible(user, Device).filter(status__in=POLLED)
    rows = by_device(watched(user))
    if state == UNWATCHED:
        return devices.exclude(Exists(visible(user, Check).filter(enabled=True, device=OuterRef("pk"))))
    wanted = {
        UP: Q(answers=True, fails=False),
        PARTLY: Q(answers=True, fails=True),
        DOWN: Q(answers=False, fails=True),
        SILENT: Q(answers=False, fails=False, ran=True),
        WAITING: Q(ran=False),
    }[state]
    return devices.filter(pk__in=rows.filter(wanted).values("device_id"))


def pulse(user: Any) -> dict[str, Any]:
    """Is monitoring itself well: checks, runs expected a minute, last run, checks that are overdue."""
    active = watched(user)
    return active.aggregate(
        checks=Count("pk"),
        per_minute=Sum(60.0 / Cast("interval", FloatField())),
        last=Max("last_run"),
        overdue=Count("pk", filter=Q(last_run__isnull=False) & ~FRESH),
        ran_last_minute=Count("pk", filter=Q(last_run__gt=Now() - Value(timedelta(seconds=60)))),
    )


def of_device(checks: Sequence[Check], alerts: Sequence[Alert], now: datetime) -> Health:
    """The health of one device from its checks and its alerts about being reached, newest first."""
    enabled = [check for check in checks if check.enabled]
    fresh = [check for check in enabled if is_fresh(check, now)]
    failing = [check for check in fresh if check.status == Check.Status.FAILED]
    answers = any(check.status == Check.Status.OK for check in fresh)
    last = max((check.last_run for check in enabled if check.last_run), default=None)
    state = state_of(answers, bool(failing), last is not None, bool(enabled))
    reason = next((check.last_error for check in failing if check.last_error), "")
    return Health(state, _since(state, alerts, last), reason, last)


def is_fresh(check: Check, now: datetime) -> bool:
    """Whether a check delivered within three of its intervals."""
    late = timedelta(seconds=max(180, 3 * check.interval))
    return check.last_run is not None and check.last_run > now - late


def _since(state: str, alerts: Sequence[Alert], last: datetime | None) -> datetime | None:
    open_ones = [alert for alert in alerts if alert.status == Alert.Status.FIRING]
    if state in (DOWN, PARTLY) and open_ones:
        return min(alert.started_at for alert in open_ones)
    if state == UP:
        return max((alert.resolved_at for alert in alerts if alert.resolved_at), default=None)
    return last if state == SILENT else None
