"""What inventory shows on the pages of devices and interfaces beside their own facts."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from core import panels
from core.access import can, visible
from inventory.impact import services_hit
from inventory.models import Dependency, Device, Interface, IPAddress, Location, Service, Site
from inventory.places import places_panel

SHOWN = 12


def dependencies_panel(request: HttpRequest, device: Device) -> dict[str, Any] | None:
    """What hangs on the device, what it hangs on, and the services that would notice."""
    if not can(request.user, "view", Dependency):
        return None
    rows = list(
        visible(request.user, Dependency)
        .filter(Q(device=device) | Q(on_device=device))
        .select_related("device", "service", "on_device", "on_service")[: SHOWN * 8]
    )
    needs = [one.on_device or one.on_service for one in rows if one.device_id == device.pk]
    needed_by = [one.device or one.service for one in rows if one.on_device_id == device.pk]
    direct = {one.pk for one in needed_by if isinstance(one, Service)}
    reached = set(services_hit([device.pk])) - direct
    through = list(visible(request.user, Service).filter(pk__in=reached)[:SHOWN]) if reached else []
    return {
        "needs": _links(needs),
        "needed_by": _links(needed_by),
        "through": _links(through),
        "add_url": reverse("dependencies-add") + f"?device={device.pk}"
        if can(request.user, "add", Dependency)
        else "",
    }


def _links(things: list[Any]) -> dict[str, Any]:
    """The first SHOWN with their pages, and how many there are."""
    shown = sorted({one for one in things if one is not None}, key=str)
    return {
        "items": [
            {
                "label": str(one),
                "url": reverse(
                    "devices-detail" if isinstance(one, Device) else "services-detail", args=[one.pk]
                ),
                "icon": "server" if isinstance(one, Device) else "apps",
            }
            for one in shown[:SHOWN]
        ],
        "more": max(0, len(shown) - SHOWN),
    }


def addresses_panel(request: HttpRequest, obj: Device | Interface) -> dict[str, Any] | None:
    """IP addresses of a device's interfaces, or of one interface."""
    if not can(request.user, "view", IPAddress):
        return None
    rows = (
        visible(request.user, IPAddress)
        .select_related("interface")
        .order_by("interface__if_index", "address")
    )
    found = rows.filter(interface__device=obj) if isinstance(obj, Device) else rows.filter(interface=obj)
    shown = list(found[: SHOWN + 1])
    if not shown:
        return None
    name = "interface__device" if isinstance(obj, Device) else "interface"
    return {
        "rows": shown[:SHOWN],
        "of_device": isinstance(obj, Device),
        "more": len(shown) > SHOWN,
        "url": reverse("ip-addresses-list") + f"?{name}={obj.pk}",
    }


def register() -> None:
    """Called once, at start."""
    panels.add(Device, "inventory/panels/dependencies.html", dependencies_panel, order=30, width="side")
    panels.add(Device, "inventory/panels/addresses.html", addresses_panel, order=70, width="side")
    panels.add(Interface, "inventory/panels/addresses.html", addresses_panel, order=40, width="side")
    panels.add(Site, "inventory/panels/places.html", places_panel, order=20, width="side")
    panels.add(Location, "inventory/panels/places.html", places_panel, order=20, width="side")
