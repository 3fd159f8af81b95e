"""The alert console: the list that updates itself, and what people do with many alerts."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import states
from core.access import can, require
from core.resources.pages.list import sizes_for
from monitoring.alerting import commands
from monitoring.alerting.commands import Command
from monitoring.console.query import LABELS, PATHS, TABS, Console, Numbers
from monitoring.models import Alert, Severity, seen_alerts

SIZES = (50, 100, 250)
MOST = 10_000
HEADS = (("severity", "Severity"), ("device", "Device"), ("", "Alert"), ("since", "Since"))


class KnownCount(Paginator):
    """A paginator that is told how many rows there are."""

    def __init__(self, rows: Any, size: int, count: int) -> None:
        super().__init__(rows, size)
        self.__dict__["count"] = count


@login_required
@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """The list; for htmx only the part that changes."""
    require(request.user, "view", Alert)
    return _console(request, request.GET)


def _console(request: HttpRequest, query: QueryDict) -> HttpResponse:
    shown = Console(request.user, query)
    numbers = shown.numbers()
    pages = KnownCount(shown.ordered(), _size(query), numbers.of(shown.state, shown.severities))
    context = {
        "title": "Alerts",
        "console": shown,
        "query": query,
        "query_string": query.urlencode(),
        "page_obj": pages.get_page(query.get("page")),
        "sizes": sizes_for(pages.count, pages.per_page, SIZES),
        "tabs": _tabs(query, shown, numbers),
        "severities": _severities(query, shown, numbers),
        "heads": _heads(query, shown),
        "filtered": any(query.get(name) for name in ("q", "severity", *PATHS)),
        "open_count": numbers.of_state("open"),
        "may": allowed(request.user),
        "spans": commands.SPANS,
        "now": timezone.now(),
    }
    part = "monitoring/alerts_live.html" if getattr(request, "htmx", None) else "monitoring/alerts.html"
    return render(request, part, context)


def allowed(user: Any) -> dict[str, bool]:
    """What the user may do with at least some alerts."""
    return {name: can(user, name, Alert) for name in set(commands.PERMISSIONS.values())}


def _size(query: QueryDict) -> int:
    text = query.get("per_page", "")
    return int(text) if text in map(str, SIZES) else SIZES[0]


def _address(query: QueryDict, **changes: Any) -> str:
    """The same list, otherwise filtered, from its first page."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed.setlist(name, value if isinstance(value, list) else [value] if value else [])
    return f"?{changed.urlencode()}" if changed else "?"


def _tabs(query: QueryDict, shown: Console, numbers: Numbers) -> list[dict[str, Any]]:
    return [
        {
            "label": LABELS[one],
            "url": _address(query, state="" if one == "open" else one),
            "active": one == shown.state,
            "count": _tab_count(one, shown, numbers),
        }
        for one in TABS
    ]


def _tab_count(tab: str, shown: Console, numbers: Numbers) -> int | None:
    """Ended alerts are counted only where they are shown: there may be millions."""
    return None if tab == "resolved" and shown.state != "resolved" else numbers.of_state(tab)


def _severities(query: QueryDict, shown: Console, numbers: Numbers) -> list[dict[str, Any]]:
    found = []
    for one in reversed(Severity):
        active = one.value in shown.severities
        rest = [other for other in shown.severities if other != one.value]
        count = numbers.of_severity(one.value, shown.state)
        found.append(
            {
                "label": one.label,
                "key": one.value,
                "count": count,
                "tone": states.of(one.value).tone if count else "off",
                "icon": states.of(one.value).icon,
                "active": active,
                "url": _address(query, severity=rest if active else [*rest, one.value]),
            }
        )
    return found


def _heads(query: QueryDict, shown: Console) -> list[dict[str, str]]:
    found = []
    for key, label in HEADS:
        direction = {key: "desc", f"-{key}": "asc"}.get(shown.sort, "") if key else ""
        direction = {"asc": "desc", "desc": "asc"}.get(direction, "") if key == "device" else direction
        other = f"-{key}" if shown.sort == key else key
        found.append(
            {"label": label, "url": _address(query, sort=other) if key else "", "direction": direction}
        )
    return found


@login_required
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """do=acknowledge, unacknowledge, unsnooze, comment, snooze:30m … snooze:until, on the alerts chosen."""
    try:
        command = read_command(request.POST)
        count = commands.carry_out(command, _chosen(request, command), request.user)
    except ValidationError as error:
        return _answer(request, "bad", " ".join(error.messages))
    return _answer(request, "ok" if count else "info", commands.say(command, count))


def read_command(form: QueryDict) -> Command:
    """The command of a form; ValidationError names what is wrong."""
    name, _, span = form.get("do", "").partition(":")
    if name not in commands.PERMISSIONS:
        raise ValidationError(f"There is nothing called {name!r} to do with alerts")
    until = None
    if name == "snooze":
        until = _until(form) if span in ("", "until") else commands.snooze_end(span, timezone.now())
    return Command(name, form.get("text", "").replace("\x00", ""), until)


def _until(form: QueryDict) -> datetime:
    """A time as <input type=datetime-local> sends it, in the user's zone."""
    try:
        found = parse_datetime(form.get("until", ""))
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({"until": "Until: choose a day and a time"})
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _chosen(request: HttpRequest, command: Command) -> list[Alert]:
    """The alerts that are chosen and on which the user may do it."""
    form = request.POST
    require(request.user, command.permission, Alert)
    if form.get("all"):
        rows = Console(request.user, QueryDict(form.get("query", "")), command.permission).rows()
    else:
        keys = [key for key in form.getlist("pk") if key.isascii() and key.isdecimal() and len(key) < 19]
        rows = seen_alerts(request.user, command.permission).filter(pk__in=keys)
    found = list(rows.order_by("pk")[: MOST + 1])
    if len(found) > MOST:
        raise PermissionDenied(f"More than {MOST:,} alerts at once are too many: narrow the filter")
    if not found:
        raise ValidationError("Choose at least one alert")
    return found


def _answer(request: HttpRequest, tone: str, text: str) -> HttpResponse:
    back = request.POST.get("back", "")
    if getattr(request, "htmx", None) and not back:
        answer = _console(request, QueryDict(request.POST.get("query", "")))
        answer["HX-Trigger"] = json.dumps({"toast": {"tone": tone, "text": text}})
        return answer
    {"ok": messages.success, "bad": messages.error}.get(tone, messages.info)(request, text)
    if back and url_has_allowed_host_and_scheme(back, None):
        return redirect(back)
    query = QueryDict(request.POST.get("query", ""))
    return redirect("/monitoring/alerts/" + (f"?{urlencode(list(_pairs(query)))}" if query else ""))


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
