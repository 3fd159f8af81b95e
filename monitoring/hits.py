"""Services and what is wrong below them: which need something broken, since when, by which alerts."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet
from django.http import HttpRequest

from core import states
from core.access import can, visible
from inventory.impact import reach, services_hit
from inventory.models import Dependency, Service
from monitoring import links
from monitoring.models import Alert, Severity, seen_alerts

CAUSES = 500
ROWS = 8
AFFECTED = "affected"
states.add(AFFECTED, "Affected", "bad")


def firing(user: Any) -> QuerySet[Alert]:
    """Alerts that are open now, as far as the user may see them."""
    return seen_alerts(user).filter(status=Alert.Status.FIRING)


def causes(user: Any) -> dict[int, datetime]:
    """Devices with an open critical alert and since when; CAUSES at most."""
    broken = firing(user).filter(severity=Severity.CRITICAL).order_by()
    return dict(broken.values_list("device_id").annotate(Min("started_at"))[:CAUSES])


def service_states(user: Any, keys: Collection[Any]) -> dict[Any, str]:
    """Affected where something critical happened to what they need, else OK; silent on what needs nothing."""
    if not can(user, "view", Alert):
        return {}
    hit = services_hit(causes(user))
    rows = visible(user, Dependency).filter(service__in=keys).order_by()
    known = {*rows.values_list("service_id", flat=True), *(set(keys) & set(hit))}
    return {key: AFFECTED if key in hit else "ok" for key in known}


def alerts_panel(request: HttpRequest, service: Service) -> dict[str, Any] | None:
    """Open alerts of whatever the service needs, directly or through others, the worst first."""
    if not can(request.user, "view", Alert) or not can(request.user, "view", Dependency):
        return None
    needs = reach(visible(request.user, Dependency), ("service", service.pk), down=False)
    devices = [pk for kind, pk in needs.nodes if kind == "device"]
    if not devices:
        return None
    rows = firing(request.user).filter(device__in=devices).select_related("device", "acknowledged_by")
    found = sorted(rows.order_by("-started_at")[: ROWS * 8], key=_weight)
    return {
        "rows": [{"alert": one, "url": links.page("alerts-detail", one.pk)} for one in found[:ROWS]],
        "more": len(found) - ROWS if len(found) > ROWS else 0,
        "devices": len(devices),
        "all_url": links.alerts(),
    }


def _weight(alert: Alert) -> tuple[bool, int]:
    return alert.suppressed_by_id is not None, -list(Severity.values).index(alert.severity)
