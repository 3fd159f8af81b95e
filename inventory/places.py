"""The places of a site as a tree: on the pages of sites and of locations."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse

from core.access import can, visible
from inventory.models import Device, Location, Site


def places_panel(request: HttpRequest, obj: Site | Location) -> dict[str, Any] | None:
    """The whole tree of the site, two queries however deep; the place itself is open."""
    if not can(request.user, "view", Location):
        return None
    site_id = obj.pk if isinstance(obj, Site) else obj.site_id
    places = list(visible(request.user, Location).filter(site=site_id).order_by("name"))
    nodes = tree(
        places, devices_by_place(request.user, site_id), obj.pk if isinstance(obj, Location) else None
    )
    may_add = can(request.user, "add", Location)
    return {"nodes": nodes, "add_url": reverse("locations-add") + f"?site={site_id}" if may_add else ""}


def devices_by_place(user: Any, site_id: int) -> Counter[int]:
    """How many visible devices stand directly at each location of a site."""
    rows = visible(user, Device).filter(location__site=site_id).order_by()
    return Counter(dict(rows.values_list("location").annotate(number=Count("pk"))))


def tree(places: list[Location], numbers: Counter[int], chosen: int | None) -> list[dict[str, Any]]:
    """Nodes for ui/tree.html. A place whose parent cannot be seen stands at the top; loops are cut."""
    known = {place.pk for place in places}
    children: dict[int | None, list[Location]] = {}
    for place in places:
        children.setdefault(place.parent_id if place.parent_id in known else None, []).append(place)

    def node(place: Location, above: frozenset[int]) -> dict[str, Any]:
        inner = [one for one in children.get(place.pk, []) if one.pk not in above]
        below = [node(one, above | {place.pk}) for one in inner]
        return {
            "label": place.name,
            "url": reverse("locations-detail", args=[place.pk]),
            "icon": "map-pin",
            "count": numbers[place.pk] + sum(one["count"] for one in below),
            "open": place.pk == chosen or any(one["open"] for one in below),
            "children": below,
        }

    return [node(place, frozenset()) for place in children.get(None, [])]
