"""How devices are, by their checks: answering, partly, not, silent, waiting for the first poll, unwatched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.core.cache import cache
from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Greatest
from django.db.models.functions import Now as RightNow
from django.utils import timezone

from core import states
from core.access import is_unlimited, limited, visible
from inventory.models import Device
from monitoring.actions import POLLED
from monitoring.models import Alert, Check, Poller

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
OVERDUE = RightNow() - ExpressionWrapper(PATIENCE * Value(timedelta(seconds=1)), output_field=DurationField())
FRESH = Q(last_run__gt=OVERDUE)
WHERE = {
    UP: Q(answers=True, fails=False),
    PARTLY: Q(answers=True, fails=True),
    DOWN: Q(answers=False, fails=True),
    SILENT: Q(answers=False, fails=False, heard=True),
    WAITING: Q(answers=False, fails=False, heard=False),
}
GONE = timedelta(minutes=3)  # without a sign of life of a poller
CACHED, KEPT = "monitoring.health.now", 8
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
    """One row a device: device_id, answers, fails, heard (ever)."""
    return (
        checks.filter(enabled=True)
        .order_by()
        .values("device_id")
        .annotate(
            answers=BoolOr(Q(status=Check.Status.OK) & FRESH),
            fails=BoolOr(Q(status=Check.Status.FAILED) & FRESH),
            heard=BoolOr(Q(last_run__isnull=False)),
        )
    )


def watched(user: Any) -> QuerySet[Check]:
    """Enabled checks of devices in service that the user may see."""
    checks = visible(user, Check).filter(enabled=True, device__status__in=POLLED)
    rows: QuerySet[Check] = limited(checks, user, Device, "device")
    return rows


@dataclass(frozen=True, slots=True)
class Now:
    """All devices in service at one look: how many are in each state, and whether checks run as due."""

    states: dict[str, int]
    checks: int
    overdue: int
    ran_last_minute: int
    last: datetime | None
    absent: tuple["Absent", ...] = ()


def now(user: Any) -> Now:
    """How the user's devices are; two queries, kept for KEPT seconds for all who may see everything."""
    whole = is_unlimited(user, Device) and is_unlimited(user, Check)
    found: Now | None = cache.get(CACHED) if whole else None
    if found is None:
        found = _now(user)
        if whole:
            cache.set(CACHED, found, KEPT)
    return found


def _now(user: Any) -> Now:
    per_device = by_device(watched(user)).annotate(
        checks=Count("pk"),
        last=Max("last_run"),
        overdue=Count("pk", filter=Q(last_run__isnull=False) & ~FRESH),
        ran=Count("pk", filter=Q(last_run__gt=RightNow() - Value(timedelta(seconds=60)))),
    )
    rows = per_device.aggregate(
        **{state: Count("device_id", filter=where) for state, where in WHERE.items()},
        all_checks=Sum("checks"),
        all_overdue=Sum("overdue"),
        all_ran=Sum("ran"),
        latest=Max("last"),
    )
    states = {state: rows[state] for state in WHERE}
    total = visible(user, Device).filter(status__in=POLLED).order_by().count()
    states[UNWATCHED] = max(0, total - sum(states.values()))
    late = rows["all_overdue"] or states[WAITING]
    return Now(
        states,
        rows["all_checks"] or 0,
        rows["all_overdue"] or 0,
        rows["all_ran"] or 0,
        rows["latest"],
        tuple(absent()) if late and is_unlimited(user, Check) else (),
    )


@dataclass(frozen=True, slots=True)
class Absent:
    """A poller that checks wait for and that nobody works for. `since`: when somebody last did."""

    name: str
    since: datetime | None


def absent() -> list[Absent]:
    """Pollers whose checks are overdue and of which no worker was seen for GONE."""
    checks = Check.objects.filter(enabled=True, passive=False, device__status__in=POLLED)
    late = checks.filter(Q(last_run__lt=OVERDUE) | Q(last_run=None, created_at__lt=OVERDUE))
    names = sorted(set(late.order_by().values_list("poller", flat=True).distinct()))
    seen = dict(Poller.objects.filter(name__in=names).values_list("name", "last_seen"))
    latest = timezone.now() - GONE
    return [Absent(name, at) for name in names if (at := seen.get(name)) is None or at < latest]


def at_site(user: Any, site: int) -> dict[str, int]:
    """How many of the user's devices at a site are in each state; two queries."""
    rows = by_device(watched(user).filter(device__site=site))
    found: dict[str, int] = rows.aggregate(
        **{state: Count("device_id", filter=where) for state, where in WHERE.items()}
    )
    total = visible(user, Device).filter(status__in=POLLED, site=site).order_by().count()
    return {**found, UNWATCHED: max(0, total - sum(found.values()))}


def in_state(user: Any, state: str) -> QuerySet[Device]:
    """The user's devices in service that are in a state."""
    devices = visible(user, Device).filter(status__in=POLLED)
    rows = by_device(watched(user))
    if state == UNWATCHED:
        return devices.exclude(Exists(visible(user, Check).filter(enabled=True, device=OuterRef("pk"))))
    return devices.filter(pk__in=rows.filter(WHERE[state]).values("device_id"))


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
