"""Template tags of the parts in templates/ui/: icons, states, numbers, times, small graphics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from datetime import time as clock
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import format as formats
from core import icons, menu, sparklines, states
from core.access import HIDDEN, in_words

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon from Tabler's outlines as inline SVG.

    Without a label it is decoration, hidden from screen readers.
    A missing name fails loudly in development and tests and draws a blank square in production.
    """
    try:
        inner = icons.shapes(name)
    except icons.MissingIcon:
        if settings.DEBUG:
            raise
        inner = ""
    voice = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" data-icon="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"{}>{}</svg>',
        css,
        name,
        voice,
        mark_safe(inner),  # noqa: S308 - a file of the package, not of a person
    )


@register.simple_block_tag(takes_context=True, name="part", end_name="endpart")
def part(context: Context, content: SafeString, name: str, **values: Any) -> SafeString:
    """{% part "panel" title="Alerts" %} … {% endpart %}: ui/NAME.html with what stands between as `body`."""
    assert context.template is not None
    inner = context.new({"body": content, "csrf_token": context.get("csrf_token"), **values})
    return context.template.engine.get_template(f"ui/{name}.html").render(inner)


@register.simple_tag(takes_context=True)
def filled(context: Context, item: Any) -> SafeString:
    """A card or panel (core.cards.Filled, core.panels.Filled): its template with its own variables alone."""
    assert context.template is not None
    inner = context.new({"csrf_token": context.get("csrf_token"), "request": context.get("request")})
    inner.update(item.context)
    return context.template.engine.get_template(item.template).render(inner)


@register.simple_tag(takes_context=True)
def seen(context: Context, obj: Any) -> str:
    """The name of an object that a shown one points at; "hidden" where the reader may not see it."""
    request = context.get("request")
    return in_words(request.user, obj) if isinstance(request, HttpRequest) else HIDDEN


@register.simple_tag(takes_context=True)
def menu_sections(context: Context) -> list[dict[str, Any]]:
    """The sidebar of this request (core.menu.sections)."""
    request = context.get("request")
    signed_in = isinstance(request, HttpRequest) and request.user.is_authenticated
    return menu.sections(request) if signed_in else []


@register.inclusion_tag("ui/state.html")
def state_badge(value: object, label: str = "", filled: bool = False) -> dict[str, Any]:
    """A state with its tone, icon and word, from core.states. filled: on a soft ground, for a head."""
    state = states.of(value)
    return {"tone": state.tone, "icon": state.icon, "label": label or state.label, "filled": filled}


@register.simple_tag
def state_word(value: object) -> SafeString:
    """A state's icon and word without its own color, for places that have the tone already."""
    state = states.of(value)
    return format_html("{}{}", icon(state.icon), state.label)


@register.filter
def state_tone(value: object) -> str:
    """The tone of a state: ok, warn, bad, info or off."""
    return states.of(value).tone


@register.inclusion_tag("ui/sparkline.html")
def sparkline(
    values: Sequence[float | None], label: str = "", unit: str = "", zero: bool = True
) -> dict[str, Any]:
    """A line of numbers as a small inline SVG; None and NaN are gaps. zero: the axis begins at 0."""
    return {"drawing": sparklines.draw(values, zero=zero), "label": sparklines.say(values, label, unit)}


@register.inclusion_tag("ui/meter.html")
def meter(
    value: float | None,
    label: str = "Usage",
    warn: float = 80,
    bad: float = 90,
    text: str = "",
    low: bool = False,
) -> dict[str, Any]:
    """A bar of per cent, colored from the thresholds on. low: small values are the bad ones (battery)."""
    known = formats.is_number(value)
    share = max(0.0, min(100.0, float(value or 0)))
    worse: Callable[[float], bool] = (lambda limit: share <= limit) if low else (lambda limit: share >= limit)
    tone = "off" if not known else "bad" if worse(bad) else "warn" if worse(warn) else "ok"
    return {
        "known": known,
        "width": f"{share:.1f}",
        "tone": tone,
        "label": label,
        "text": text or formats.percent(value),
    }


@register.filter
def ago(moment: datetime | date | None) -> SafeString | str:
    """A moment as <time>: relative, exact on hover; js/time.js keeps it fresh and in the reader's zone."""
    return time_element(moment, lambda at: formats.ago(at, timezone.now()), "ago")


@register.filter
def exact(moment: datetime | date | None) -> SafeString | str:
    """A moment as <time>, written out to the minute, in the reader's zone with JavaScript."""
    return time_element(moment, lambda at: f"{timezone.localtime(at):%Y-%m-%d %H:%M}", "exact")


def time_element(
    moment: datetime | date | None, write: Callable[[datetime], str], kind: str
) -> SafeString | str:
    if not moment:
        return formats.NOTHING
    at = moment if isinstance(moment, datetime) else datetime.combine(moment, clock.min)
    if timezone.is_naive(at):
        at = timezone.make_aware(at)
    return format_html(
        '<time datetime="{}" data-time="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        kind,
        f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}",
        write(at),
    )


@register.filter
def quantity(value: float | None, unit: str = "") -> str:
    """A value by its stored unit, see core.format.quantity."""
    return formats.quantity(value, unit)


register.filter("si", formats.si)
register.filter("bytes", formats.octets)
register.filter("bits", formats.bits)
register.filter("percent", formats.percent)
register.filter("seconds", formats.seconds)
register.filter("duration", formats.duration)
register.filter("plain", formats.plain)


@register.simple_tag(takes_context=True)
def address_with(context: Context, **changes: Any) -> str:
    """This page's query string with parameters set; None or "" removes one: sorting, paging, filters."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


@register.filter
def elided(page: Page) -> Iterator[int | str]:
    """The page numbers to show around this page, with an ellipsis where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.filter
def columns(text: str) -> list[list[str]]:
    """Heads of a table, to loop over: "key:Label:css|key:Label:css"."""
    return [piece.split(":") for piece in text.split("|")]


@register.simple_tag
def querystring_for(**values: Any) -> str:
    """A query string of these parameters without the empty ones."""
    return urlencode([(name, value) for name, value in values.items() if value not in (None, "")])


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to loop over."""
    return str(text).split()


@register.simple_tag
def initials(user: Any) -> str:
    """One or two letters for a person, from the full name or the login name."""
    words = (user.get_full_name() or user.get_username()).replace(".", " ").split()
    return "".join(word[0] for word in words[:2]).upper() or "?"
