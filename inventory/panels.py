"""What inventory shows on the pages of devices and interfaces beside their own facts."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core import panels
from core.access import can, visible
from inventory.chains import dependencies_panel
from inventory.models import Device, Interface, IPAddress, Location, Service, Site
from inventory.places import places_panel

SHOWN = 12


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
    panels.add(Service, "inventory/panels/dependencies.html", dependencies_panel, order=30, width="main")
    panels.add(Device, "inventory/panels/addresses.html", addresses_panel, order=70, width="side")
    panels.add(Interface, "inventory/panels/addresses.html", addresses_panel, order=40, width="side")
    panels.add(Site, "inventory/panels/places.html", places_panel, order=20, width="side")
    panels.add(Location, "inventory/panels/places.html", places_panel, order=20, width="side")
