"""Addresses of pages with filters, for numbers that lead to their rows."""

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def page(name: str, *args: Any, **filters: Any) -> str:
    """The address of a page by its name, with filters; "" where there is no such page."""
    try:
        address = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    asked = [(key, value) for key, value in filters.items() if value not in (None, "")]
    return f"{address}?{urlencode(asked, doseq=True)}" if asked else address


def alerts(**filters: Any) -> str:
    """The alert console, filtered."""
    return page("alerts-list", **filters)
