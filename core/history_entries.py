"""Changes as the entries of templates/ui/history.html."""

from collections.abc import Sequence
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.text import slugify

from core.history import Change

ICONS = {"created": "plus", "changed": "pencil", "deleted": "trash"}
SHOWN = 12
"""Differences of one step that are written out; a new object may have many."""


def entries_of(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """One object's changes, for its own page: the object is not named again."""
    return [_entry([change], change.kind.capitalize(), "") for change in changes]


def entries_everywhere(groups: Sequence[Sequence[Change]]) -> list[dict[str, Any]]:
    """Changes of many objects (core.recent.together), named and linked."""
    return [_entry(group, _title(group), _url(group)) for group in groups]


def _entry(group: Sequence[Change], title: str, url: str) -> dict[str, Any]:
    change = group[0]
    alone = len(group) == 1
    return {
        "icon": ICONS[change.kind],
        "title": title,
        "url": url,
        "who": change.said_by,
        "at": change.at,
        "why": change.why,
        "text": ""
        if alone
        else ", ".join(one.name for one in group[:SHOWN]) + (", …" if len(group) > SHOWN else ""),
        "changes": _differences(change) if alone else [],
    }


def _differences(change: Change) -> list[dict[str, str]]:
    shown = [
        {"label": step.label, "old": step.before, "new": step.after} for step in change.differences[:SHOWN]
    ]
    if more := len(change.differences) - SHOWN:
        shown += [{"label": "", "old": "", "new": f"and {more} more"}] if more > 0 else []
    return shown


def _title(group: Sequence[Change]) -> str:
    change, meta = group[0], group[0].model._meta
    if len(group) > 1:
        return f"{len(group)} {meta.verbose_name_plural} {change.kind}"
    name = str(meta.verbose_name)
    return f"{name[:1].upper()}{name[1:]} {change.name} {change.kind}"


def _url(group: Sequence[Change]) -> str:
    """The object's page, by the house's names of addresses; nothing for a deleted one or without page."""
    change = group[0]
    if len(group) > 1 or change.kind == "deleted":
        return ""
    try:
        return reverse(
            f"{slugify(str(change.model._meta.verbose_name_plural))}-detail", args=[change.object_id]
        )
    except NoReverseMatch:
        return ""
