"""The overview: what is broken, what is close to its limit, what changed. Its cards come from all apps."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import cards


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx the part of it that keeps itself fresh."""
    zones = {zone: list(cards.of(request, zone)) for zone in cards.ZONES}
    htmx: Any = getattr(request, "htmx", None)
    fragment = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    template = "core/overview_zones.html" if fragment else "core/overview.html"
    shown = any(zones[zone] for zone in zones if zone != "changed")
    return render(request, template, {"title": "Overview", "zones": zones, "nothing": not shown})
