"""Inventory on the overview: the way in when little is there, new devices, doors."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from core import cards
from core.access import can, hidden_fields, visible
from core.recent import visible_events
from inventory.models import Device, Service, Site

FEW = 5
WEEK = timedelta(days=7)


def guide_card(request: HttpRequest) -> dict[str, Any] | None:
    """Next steps, while there are only a few devices and one may add some."""
    if not can(request.user, "add", Device):
        return None
    count = len(visible(request.user, Device).order_by()[:FEW].values_list("pk"))
    return {"count": count} if count < FEW else None


def devices_card(request: HttpRequest) -> dict[str, Any] | None:
    """Devices that came, and those whose system was changed, in a week."""
    since = timezone.now() - WEEK
    devices = visible(request.user, Device).order_by()
    new = devices.filter(created_at__gte=since)
    newest = list(new.select_related("site", "role").order_by("-created_at")[:5])
    hidden = hidden_fields(request.user, Device)
    updated = [] if "os_version" in hidden else upgrades(request, since)
    if not newest and not updated:
        return None
    count = new.count() if len(newest) == 5 else len(newest)
    return {"newest": newest, "count": count, "upgrades": updated, "hidden": hidden}


def upgrades(request: HttpRequest, since: Any) -> list[dict[str, Any]]:
    """The last changes of OS versions: device, from, to, when."""
    events = visible_events(request.user, Device)
    rows = list(
        events.filter(pgh_label="update", pgh_created_at__gte=since)
        .exclude(os_version="")
        .order_by("-pgh_id")
        .values("pgh_id", "pgh_obj_id", "os_version", "pgh_created_at")[:200]
    )
    ids = {row["pgh_obj_id"] for row in rows}
    known = visible(request.user, Device).in_bulk(ids) if ids else {}
    first = min((row["pgh_id"] for row in rows), default=0)
    before_all = events.filter(pgh_obj_id__in=known, pgh_id__lt=first).order_by("pgh_obj_id", "-pgh_id")
    older = dict(before_all.distinct("pgh_obj_id").values_list("pgh_obj_id", "os_version"))
    found = []
    for row in reversed(rows):
        pk, version = row["pgh_obj_id"], row["os_version"]
        before = older.get(pk, "")
        if pk in known and before and before != version:
            found.append({"device": known[pk], "old": before, "new": version, "at": row["pgh_created_at"]})
        older[pk] = version
    return found[::-1][:4]


def doors_card(request: HttpRequest) -> dict[str, Any] | None:
    """What is owned, in numbers that lead to the lists."""
    counts = []
    for model, name, icon in (
        (Device, "devices", "server"),
        (Site, "sites", "building"),
        (Service, "services", "apps"),
    ):
        if not can(request.user, "view", model):
            continue
        count = visible(request.user, model).order_by().count()
        label = str(model._meta.verbose_name) if count == 1 else name
        counts.append({"label": label, "count": count, "url": address(f"{name}-list"), "icon": icon})
    return {"counts": counts} if counts else None


def address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def register() -> None:
    """Called once, at start."""
    cards.add("now", "inventory/cards/guide.html", guide_card, order=90)
    cards.add("changed", "inventory/cards/devices.html", devices_card, order=150)
    cards.add("doors", "inventory/cards/door.html", doors_card, order=10)
