"""Who hears of an alert: routes in their order, each picking by selector and severity."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring import selector
from monitoring.alerting.suppression import WEIGHT
from monitoring.models import Alert, Route


@dataclass(frozen=True, slots=True)
class Hop:
    """One message to one channel: `delay` seconds before the first, `repeat` seconds between reminders."""

    channel_id: int
    delay: int
    repeat: int


def active_routes() -> list[Route]:
    """Enabled routes in order, their channels at hand; disabled channels are left out."""
    return list(Route.objects.filter(enabled=True).prefetch_related("channels").order_by("order", "name"))


def hops(alert: Alert, routes: Iterable[Route]) -> list[Hop]:
    """One hop a channel; the first route that names a channel decides its delay and repeat."""
    about = subject(alert)
    found: dict[int, Hop] = {}
    for route in routes:
        if not _picks(route, alert, about):
            continue
        for channel in route.channels.all():
            if channel.enabled:
                found.setdefault(channel.pk, Hop(channel.pk, route.delay, route.repeat))
        if route.stop:
            break
    return list(found.values())


def subject(alert: Alert) -> selector.Subject:
    """The alert's device as a selector sees it."""
    device = alert.device
    return selector.Subject(
        role=device.role_id,
        site=device.site_id,
        platform=device.platform.key if device.platform else "",
        tag=frozenset(tag.name for tag in device.tags.all()),
        status=device.status,
        kind=alert.source.kind if alert.source else "",
        role_kind=device.role.kind if device.role else "",
    )


def _picks(route: Route, alert: Alert, about: selector.Subject) -> bool:
    return (
        WEIGHT[alert.severity] >= WEIGHT[route.min_severity]
        and selector.picks_device(route.selector, about)
        and selector.picks_instance(route.selector, alert.instance)
    )
