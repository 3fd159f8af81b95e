"""Which alert explains which: the worse of two about one line, or what an unreachable device hangs on.

A disk that is full is not also nearly full. Beyond that, only alerts about not being reached are explained
away. A device counts as down when an alert about reaching it fires and no other check of it is well: a wrong
community on a core switch explains nothing.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from inventory.models import Dependency
from monitoring.models import Alert, AlertEvent, Check, Severity

UNREACHABLE_METRICS = ("check.up", "check.age")
MAX_DEPTH = 16
WEIGHT = {severity: weight for weight, severity in enumerate(Severity.values)}

Node = tuple[str, int]


def about_reaching(alert: Alert) -> bool:
    """Whether the alert says that its device did not answer."""
    return alert.metric in UNREACHABLE_METRICS


def explanation(alert: Alert) -> Alert | None:
    """The firing alert that explains this one: the root of the trouble, else None.

    What this alert itself explains cannot explain it: of devices that hang on each other, one speaks.
    """
    worse = _of_the_same_line(alert, WEIGHT[alert.severity] + 1, len(WEIGHT)).first()
    if worse is not None:
        return worse.suppressed_by or worse
    if not about_reaching(alert):
        return None
    own = _own_ping(alert)
    if own is not None:
        return own.suppressed_by or own
    devices = related_devices(alert.device_id, up=True)
    parent = _down_alerts(devices).exclude(suppressed_by=alert).order_by("started_at").first()
    return None if parent is None else parent.suppressed_by or parent


def explained_by(alert: Alert) -> QuerySet[Alert]:
    """Firing alerts, not yet explained, that this one explains."""
    lesser = _of_the_same_line(alert, 0, WEIGHT[alert.severity]).filter(suppressed_by=None)
    if not about_reaching(alert):
        return lesser
    return lesser | _unreachable_because(alert)


def _unreachable_because(alert: Alert) -> QuerySet[Alert]:
    firing = Alert.objects.firing().filter(metric__in=UNREACHABLE_METRICS, suppressed_by=None)
    firing = firing.exclude(pk=alert.pk)
    same = firing.filter(device_id=alert.device_id).exclude(source__kind="ping")
    same = same if alert.source and alert.source.kind == "ping" else firing.none()
    if not _down_alerts({alert.device_id}).exists():
        return same
    below = related_devices(alert.device_id, up=False)
    return same | firing.filter(device_id__in=below)


def may_be_explained_soon(alert: Alert) -> bool:
    """Whether an alert that explains this one may only be a moment away.

    That is the alert of the device's own ping, or of a device that it hangs on, unless those were heard since
    this trouble began.
    """
    if not about_reaching(alert):
        return False
    heard = Q(status=Check.Status.OK, last_run__gte=alert.started_at)
    if alert.source and alert.source.kind != "ping" and _pings(alert.device_id).exclude(heard).exists():
        return True
    of_parents = Check.objects.filter(device_id__in=related_devices(alert.device_id, up=True), enabled=True)
    well = of_parents.filter(heard).values("device_id")
    return of_parents.exclude(device_id__in=well).exists()


def related_devices(device_id: int, *, up: bool) -> set[int]:
    """Ids of the devices that this one hangs on (up) or that hang on it (down), through services too."""
    seen: set[Node] = set()
    level: set[Node] = {("device", device_id)}
    for _ in range(MAX_DEPTH):
        seen |= level
        level = _neighbors(level, up=up) - seen
        if not level:
            break
    return {pk for kind, pk in seen if kind == "device"} - {device_id}


def _neighbors(nodes: Iterable[Node], *, up: bool) -> set[Node]:
    near, far = ("", "on_") if up else ("on_", "")
    devices = [pk for kind, pk in nodes if kind == "device"]
    services = [pk for kind, pk in nodes if kind == "service"]
    edges = Dependency.objects.filter(**{f"{near}device__in": devices}) | Dependency.objects.filter(
        **{f"{near}service__in": services}
    )
    found: set[Node] = set()
    for device, service in edges.values_list(f"{far}device_id", f"{far}service_id"):
        found.add(("device", device) if device else ("service", service))
    return found


def _of_the_same_line(alert: Alert, lightest: int, heaviest: int) -> QuerySet[Alert]:
    """Other firing alerts of the same metric and instance, of severities [lightest, heaviest)."""
    severities = [name for name, weight in WEIGHT.items() if lightest <= weight < heaviest]
    same = Alert.objects.firing().filter(source=alert.source_id, metric=alert.metric, instance=alert.instance)
    return same.filter(severity__in=severities).exclude(pk=alert.pk).select_related("suppressed_by")


def _down_alerts(devices: set[int]) -> QuerySet[Alert]:
    well = Check.objects.filter(device=OuterRef("device"), enabled=True, status=Check.Status.OK)
    # an agent that is silent keeps its last status: it counts only if it was heard since
    well = well.filter(Q(passive=False) | Q(last_run__gt=OuterRef("started_at")))
    down = Alert.objects.firing().filter(device_id__in=devices, metric__in=UNREACHABLE_METRICS)
    return down.filter(~Exists(well)).select_related("suppressed_by")


def _pings(device_id: int) -> QuerySet[Check]:
    return Check.objects.filter(device_id=device_id, kind="ping", enabled=True)


def _own_ping(alert: Alert) -> Alert | None:
    """For an alert of another check: the firing alert of the device's ping."""
    if alert.source is None or alert.source.kind == "ping":
        return None
    own = Alert.objects.firing().filter(device_id=alert.device_id, metric__in=UNREACHABLE_METRICS)
    return own.filter(source__kind="ping").select_related("suppressed_by").first()


def suppress(alerts: Iterable[Alert], by: Alert) -> list[Alert]:
    """Mark the alerts as explained and say so in their history."""
    rows = list(alerts)
    Alert.objects.filter(pk__in=[row.pk for row in rows]).update(suppressed_by=by)
    _events(rows, AlertEvent.Kind.SUPPRESSED, f"Explained by: {by.text}"[:500])
    return rows


def release(parent: Alert) -> list[Alert]:
    """What this alert explained and still fires stands for itself again."""
    rows = list(Alert.objects.firing().filter(suppressed_by=parent))
    Alert.objects.filter(suppressed_by=parent).update(suppressed_by=None)
    _events(rows, AlertEvent.Kind.UNSUPPRESSED, f"Over: {parent.text}"[:500])
    return rows


def _events(rows: list[Alert], kind: str, text: str) -> None:
    now = timezone.now()
    AlertEvent.objects.bulk_create(AlertEvent(alert=row, kind=kind, at=now, text=text) for row in rows)
