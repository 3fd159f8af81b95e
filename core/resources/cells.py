"""Cells: how one value of a row looks on a page. Renderers are chosen once a column, not once a cell."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core import format as formats
from core import states
from core.resources.attributes import Attribute, Boolean, Count, DateTime, Reference, References, TextList
from core.resources.references import Ref
from core.templatetags.ui import ago

Cell = Callable[[Any], SafeString]
NOTHING = mark_safe('<span class="muted">–</span>')
LONG = 60
UP_WORDS = {True: "up", False: "down", None: "unknown"}


_words: dict[tuple[type[Model], str], Callable[[Any], str]] = {}
_labels: dict[tuple[type[Model], str], str] = {}


def say(model: type[Model], name: str, words: Callable[[Any], str], label: str = "") -> None:
    """A column said in other words than it is stored: a key by its label, seconds as 15 min.

    label: its head, where the column's own name says how it is stored.
    """
    _words[model, name] = words
    if label:
        _labels[model, name] = label


def _place(attribute: Attribute) -> tuple[type[Model], str]:
    return getattr(attribute.field, "model", Model), attribute.name.rpartition("__")[2]


def label_of(attribute: Attribute) -> str:
    """What stands over or beside the cells of an attribute."""
    return _labels.get(_place(attribute), attribute.label)


def cell(attribute: Attribute) -> Cell:
    """The renderer that fits an attribute."""
    if words := _words.get(_place(attribute)):
        return lambda value: NOTHING if value in (None, "") else text(words(value))
    if isinstance(attribute, Count):
        return lambda value: escape(formats.plain(value, 9))
    if isinstance(attribute, References):
        return tags
    if isinstance(attribute, Reference):
        return link
    if isinstance(attribute, Boolean):
        return up if attribute.name.endswith("_up") else yes_or_no
    if isinstance(attribute, DateTime):
        return lambda value: conditional_escape(ago(value)) if value else NOTHING
    if attribute.choices:
        return _choice(attribute)
    if attribute.help == "bit/s":
        return lambda value: escape(formats.si(value, "bit/s"))
    if isinstance(attribute, TextList):
        return lambda value: text(", ".join(value or []))
    if attribute.kind == "json":
        return structure
    return text


def structure(value: Any) -> SafeString:
    """JSON as people read it: an object as its names and values."""
    if not isinstance(value, dict):
        return text(value)
    if not value:
        return NOTHING
    pairs = ((label.replace("_", " "), _said(one)) for label, one in value.items())
    return format_html_join(mark_safe("<br>"), '<span class="muted">{}:</span> {}', pairs)


def _said(value: Any) -> str:
    """A value inside of an object; lists by commas, objects in them by their values, yes and no as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(map(_said, value.values()))
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)


def text(value: Any) -> SafeString:
    """Any other value, cut by CSS where it is long."""
    if value is None or value == "":
        return NOTHING
    shown = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    if len(shown) <= LONG:
        return escape(shown)
    return format_html('<span class="truncate" title="{}">{}</span>', shown[:1000], shown[:200])


def link(value: Ref | None) -> SafeString:
    if value is None:
        return NOTHING
    return format_html('<a href="{}">{}</a>', value.url, value.name) if value.url else escape(value.name)


def tags(values: list[Ref]) -> SafeString:
    if not values:
        return NOTHING
    chips = format_html_join(
        "", '<span class="chip"><span class="truncate">{}</span></span>', ((one.name,) for one in values)
    )
    return format_html('<span class="chips">{}</span>', chips)


def up(value: bool | None) -> SafeString:
    return badge(UP_WORDS[value])


def yes_or_no(value: bool | None) -> SafeString:
    return NOTHING if value is None else badge("yes" if value else "no")


@cache
def badge(key: str, label: str = "") -> SafeString:
    """The badge of a state, rendered once."""
    state = states.of(key)
    shown = {"tone": state.tone, "icon": state.icon, "label": label or state.label}
    # strip() of a safe string is a plain one again; the template escaped what came from outside
    return mark_safe(render_to_string("ui/state.html", shown).strip())  # noqa: S308


def is_state(attribute: Attribute) -> bool:
    """Whether the choices are states, which have a color; other choices are words."""
    known = {state.key for state in states.known()}
    return bool(attribute.choices) and all(str(key) in known for key, _ in attribute.choices)


def _choice(attribute: Attribute) -> Cell:
    labels = dict(attribute.choices)
    if is_state(attribute):
        return lambda value: badge(value, labels.get(value, "")) if value else NOTHING
    return lambda value: escape(labels.get(value, value)) if value not in (None, "") else NOTHING
