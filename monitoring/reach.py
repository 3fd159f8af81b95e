"""How far a rule reaches: which checks and series a selector picks now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from core.access import visible
from monitoring import selector
from monitoring.models import Check, Series

PATHS = {
    "role": "device__role__in",
    "role_kind": "device__role__kind__in",
    "site": "device__site__in",
    "platform": "device__platform__key__in",
    "status": "device__status__in",
    "kind": "kind__in",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Numbers of what a rule looks at, as far as the user may see it."""

    checks: int
    devices: int
    series: int


def of(user: Any, metric: str, wanted: Mapping[str, Any]) -> Reach:
    """Two queries; instances are matched by the very patterns that the engine uses."""
    checks = picked(visible(user, Check), wanted)
    rows = Series.objects.seen_by(user).filter(metric=metric, source__in=checks)
    names = rows.order_by().values_list("instance").annotate(number=Count("pk"))
    fitting = {name: number for name, number in names if selector.picks_instance(wanted, name)}
    among = (
        rows
        if not (wanted.get("instance") or wanted.get("not_instance"))
        else rows.filter(instance__in=fitting)
    )
    found = among.aggregate(
        checks=Count("source", distinct=True), devices=Count("source__device", distinct=True)
    )
    return Reach(found["checks"], found["devices"], sum(fitting.values()))


def picked(checks: QuerySet, wanted: Mapping[str, Any]) -> QuerySet:
    """The enabled checks that the selector's keys about devices and kinds pick (selector.picks_device)."""
    condition = Q(enabled=True)
    for key, path in PATHS.items():
        if wanted.get(key) is not None:
            condition &= Q(**{path: wanted[key]})
        if wanted.get(f"not_{key}") is not None:
            condition &= ~Q(**{path: wanted[f"not_{key}"]})
    rows = checks.filter(condition)
    if wanted.get("tag") is not None:
        tagged = Check.objects.filter(device__tags__name__in=wanted["tag"])
        rows = rows.filter(pk__in=tagged.values("pk"))
    return rows
