"""The page /ui/: every part of templates/ui/ in all its states, for builders of pages and for tests."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from core import states

LONG_NAME = "core-router-with-a-name-that-somebody-made-far-too-long.datacenter-frankfurt-2.example.net"
SITES = [("", "Any site"), ("fra", "Frankfurt"), ("ber", "Berlin"), ("lis", "Lisbon")]


class SampleForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(help_text="As it answers in DNS.", max_length=40)
    address = forms.GenericIPAddressField(label="Primary IP")
    site = forms.ChoiceField(choices=SITES, required=False)
    tags = forms.MultipleChoiceField(
        choices=[(tag, tag) for tag in ("production", "edge", "legacy")],
        required=False,
        widget=forms.SelectMultiple(attrs={"data-choices": ""}),
    )
    comment = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    port = forms.IntegerField(min_value=1, max_value=65535, initial=161)
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    version = forms.ChoiceField(choices=[("2c", "SNMP v2c"), ("3", "SNMP v3")], widget=forms.RadioSelect)
    enabled = forms.BooleanField(required=False, help_text="Polled every minute.")
    serial = forms.CharField(disabled=True, required=False, initial="FCW2140L0GH")


def rows() -> list[dict[str, Any]]:
    """Rows of the example list: usual, long, empty, extreme."""
    now = timezone.now()
    names = ("fra-core-1", LONG_NAME, "ber-access-12", "lis-edge-1", "storage-2", "unnamed-4711")
    wave = [[40 + 30 * math.sin(x / 4 + n) for x in range(48)] for n in range(4)]
    broken = [*wave[0][:18], *[None] * 8, *wave[0][26:]]
    lines: list[list[float | None]] = [list(wave[0]), list(wave[1]), broken, [0.0] * 48, list(wave[2]), []]
    state = ("up", "up", "warning", "down", "maintenance", "unknown")
    return [
        {
            "id": index,
            "name": names[index],
            "state": state[index],
            "site": ("Frankfurt", "Frankfurt", "Berlin", "Lisbon", "Frankfurt", "")[index],
            "address": f"10.20.{index}.1" if index < 5 else "",
            "cpu": lines[index],
            "disk": (41.0, 12.5, 86.2, 97.4, 63.0, None)[index],
            "traffic": (1.2e9, 3.4e6, 0, 560, 8.8e7, None)[index],
            "seen": now - timedelta(seconds=(20, 95, 4000, 260000, 41, 90000000)[index]),
        }
        for index in range(6)
    ]


def history() -> list[dict[str, Any]]:
    """Entries of the example timeline."""
    now = timezone.now()
    return [
        {
            "icon": "bell-ringing",
            "tone": "bad",
            "title": "Interface Gi1/0/24 is down",
            "at": now - timedelta(minutes=3),
            "text": "Since 10:42; parent lis-edge-1 is up.",
        },
        {
            "icon": "pencil",
            "title": "Changed",
            "who": "Ada Lovelace",
            "at": now - timedelta(hours=5),
            "why": "Moved to the new rack",
            "changes": [
                {"label": "Location", "old": "Room 2", "new": "Room 3 / Rack 14"},
                {"label": "Asset tag", "old": "", "new": "A-0815"},
            ],
        },
        {"icon": "circle-check", "tone": "ok", "title": "Backup verified", "at": now - timedelta(days=2)},
        {"icon": "plus", "title": "Created by import", "who": "system", "at": now - timedelta(days=40)},
    ]


def tree() -> list[dict[str, Any]]:
    """Nodes of the example tree."""
    racks = [
        {"label": f"Rack {number}", "icon": "server", "url": "#", "count": number} for number in (13, 14)
    ]
    room = {"label": "Room 3", "icon": "door", "open": True, "children": racks}
    return [
        {
            "label": "Frankfurt",
            "icon": "building",
            "open": True,
            "count": 41,
            "children": [room, {"label": "Roof", "icon": "antenna", "url": "#", "state": "down"}],
        },
        {"label": "Berlin", "icon": "building", "url": "#", "count": 12},
    ]


@login_required
def parts(request: HttpRequest) -> HttpResponse:
    """All parts on one page."""
    filled = SampleForm({"name": "x" * 41, "address": "10.20.1", "port": "70000"}, auto_id="broken_%s")
    filled.add_error(None, "The whole form has a problem too, such as two fields that do not fit together.")
    page = Paginator(range(1240), 50).get_page(request.GET.get("page", 4))
    return render(
        request,
        "core/parts.html",
        {
            "title": "Parts",
            "subtitle": "Everything that pages are made of, in all its states.",
            "crumbs": [{"label": "Administration", "url": "#"}, {"label": "Look", "url": ""}],
            "states": states.known(),
            "rows": rows(),
            "history": history(),
            "tree": tree(),
            "page_obj": page,
            "form": SampleForm(),
            "broken_form": filled,
            "now": timezone.now(),
            "long_ago": timezone.now() - timedelta(days=400, hours=3),
            "soon": timezone.now() + timedelta(hours=3, minutes=2),
            **samples(),
        },
    )


def samples() -> dict[str, Any]:
    """Small values of the page."""
    return {
        "tabs": [
            {"label": "Overview", "url": "#", "active": True},
            {"label": "Interfaces", "url": "#", "count": 48},
            {"label": "History", "url": "#", "icon": "history"},
        ],
        "facts": [
            {"label": "State", "state": "up"},
            {"label": "Serial", "value": "FCW2140L0GH", "copyable": True, "mono": True},
            {"label": "Site", "value": "Frankfurt", "url": "#"},
            {"label": "Asset tag", "value": ""},
            {"label": "Description", "value": LONG_NAME},
        ],
        "example_goes": [
            {"label": "interfaces", "count": 48, "url": "#"},
            {"label": "checks with 30 days of samples", "count": 3},
        ],
        "example_protects": [{"label": "services that depend on it", "count": 2, "url": "#"}],
        "applied": [
            {"label": "Site: Frankfurt", "remove_url": "#"},
            {"label": "State: down", "remove_url": "#"},
        ],
        "menu_items": [
            {"label": "Edit", "url": "#", "icon": "pencil"},
            {"label": "Duplicate", "url": "#", "icon": "copy"},
            {"rule": True},
            {"label": "Delete", "url": "#", "icon": "trash", "danger": True},
        ],
        "gaps": [3, 5, None, None, 7, None, 2, 9, 4],
    }


@login_required
def sample_points(request: HttpRequest) -> JsonResponse:
    """Numbers for the example charts, out of sines: two series with a gap, as charts.js reads them."""
    now = timezone.now().timestamp()
    try:
        start = float(request.GET.get("start", now - 86400))
        end = float(request.GET.get("end", now))
    except ValueError:
        return JsonResponse({"detail": "start and end are Unix seconds"}, status=400)
    if not (math.isfinite(start) and math.isfinite(end) and start < end):
        return JsonResponse({"detail": "start must be before end"}, status=400)
    step = (end - start) / 300
    times = [start + index * step for index in range(300)]
    series = [wave("in", "Gi1/0/24 in", times, 9e6), wave("out", "Gi1/0/24 out", times, 3e6)]
    answer: dict[str, Any] = {"start": start, "end": end, "step": step, "t": times, "series": series}
    if request.GET.get("compare"):
        answer["compare"] = [
            wave(one, "", [time - 604800 for time in times], size) for one, size in (("in", 8e6),)
        ]
    return JsonResponse(answer)


def wave(name: str, label: str, times: list[float], size: float) -> dict[str, Any]:
    """One series: a day's rhythm with a little noise, and nothing between 40 and 45 % of the range."""
    mean = [size * (1.3 + math.sin(time / 13751) + 0.2 * math.sin(time / 347)) for time in times]
    gap = range(len(times) * 2 // 5, len(times) * 9 // 20)
    points: list[float | None] = [None if index in gap else value for index, value in enumerate(mean)]
    return {
        "id": name,
        "label": label,
        "unit": "B/s",
        "mean": points,
        "min": [None if value is None else value * 0.7 for value in points],
        "max": [None if value is None else value * 1.25 for value in points],
    }
