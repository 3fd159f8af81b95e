"""The sidebar: apps add their entries at start (apps.py:ready), a request sees those it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from core.access import can
from core.grants import VIEW

SECTIONS = ("", "Inventory", "Monitoring", "Backups", "Security", "Tickets", "Reports", "Administration")
Count = Callable[[HttpRequest], int | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar. resource: the model one must be allowed to view, or None for everybody."""

    section: str
    label: str
    url_name: str
    icon: str
    order: int = 100
    resource: Any = None
    count: Count | None = None


class DuplicateEntry(Exception):
    """Two entries lead to the same address name."""


_entries: dict[str, Entry] = {}


def add(
    section: str,
    label: str,
    url_name: str,
    icon: str,
    order: int = 100,
    resource: Any = None,
    count: Count | None = None,
) -> None:
    """Add an entry.

    section: one of SECTIONS ("" stands at the top, unlabeled) or a new one, shown before the last.
    count: a number shown beside the label (such as open alerts); 0 and None show nothing.
    """
    entry = Entry(section, label, url_name, icon, order, resource, count)
    if _entries.setdefault(url_name, entry) != entry:
        raise DuplicateEntry(f"menu: {url_name!r} is added twice: {_entries[url_name]} and {entry}")


def entries() -> tuple[Entry, ...]:
    """All entries in the order of the sidebar."""
    return tuple(sorted(_entries.values(), key=lambda entry: (rank(entry.section), entry.order, entry.label)))


def rank(section: str) -> tuple[int, str]:
    """Where a section stands: the known ones in their order, new ones by name before Administration."""
    last = len(SECTIONS) - 1
    place = SECTIONS.index(section) if section in SECTIONS else last
    return (place + (place == last and section in SECTIONS), section)


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    """What this request sees: [{"label", "entries": [{"label", "url", "icon", "active", "count"}]}]."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for entry in entries():
        if may_see(request, entry) and (url := address(entry)):
            shown.setdefault(entry.section, []).append(
                {
                    "label": entry.label,
                    "url": url,
                    "icon": entry.icon,
                    "active": False,
                    "count": entry.count(request) if entry.count else None,
                }
            )
    mark_active(request.path, [line for lines in shown.values() for line in lines])
    return [{"label": label, "entries": lines} for label, lines in shown.items()]


def may_see(request: HttpRequest, entry: Entry) -> bool:
    return entry.resource is None or can(request.user, VIEW, entry.resource)


def address(entry: Entry) -> str:
    """The entry's address; an entry whose page is not there (an app without its pages yet) is not shown."""
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return ""


def mark_active(path: str, lines: list[dict[str, Any]]) -> None:
    """Mark the one entry whose address is the longest beginning of the path."""
    fits = [
        line for line in lines if path == line["url"] or (line["url"] != "/" and path.startswith(line["url"]))
    ]
    if fits:
        max(fits, key=lambda line: len(line["url"]))["active"] = True
