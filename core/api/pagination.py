"""Pages of lists: limit and offset, or a cursor that stays right while rows come and go."""

import base64
import binascii
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.request import Request

LIMIT = 50
MAX_LIMIT = 5000
MAX_OFFSET = 10_000_000
PARAMETERS = frozenset({"limit", "offset", "cursor"})


def number(query: QueryDict, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query string within bounds; ValidationError names the parameter."""
    text = query.get(name, "")
    if text == "":
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 12) or not low <= int(text) <= high:
        raise ValidationError({name: f"Must be a number from {low} to {high}"})
    return int(text)


class Page:
    """One page of a list: `rows` to read, and `answer` around what was read."""

    def __init__(self, request: Request, queryset: QuerySet, by_key: bool) -> None:
        self.request = request
        query = request.query_params
        self.limit = number(query, "limit", LIMIT, 1, MAX_LIMIT)
        self.by_cursor = "cursor" in query
        if self.by_cursor:
            if not by_key or "offset" in query:
                raise ValidationError({"cursor": "A cursor goes with neither ordering nor offset"})
            queryset = queryset.order_by("pk")
            after = _read(query["cursor"])
            self.rows = (queryset.filter(pk__gt=after) if after else queryset)[: self.limit + 1]
        else:
            self.offset = number(query, "offset", 0, 0, MAX_OFFSET)
            self.count = queryset.order_by().count()
            self.rows = queryset[self.offset : self.offset + self.limit]

    def answer(self, results: list[Any], keys: list[Any]) -> dict[str, Any]:
        """The body of the answer; `keys` are the primary keys of the results."""
        if self.by_cursor:
            more = len(results) > self.limit
            following = self._url(cursor=_write(keys[self.limit - 1])) if more else None
            return {"count": None, "next": following, "previous": None, "results": results[: self.limit]}
        end = self.offset + self.limit
        before = max(self.offset - self.limit, 0)
        return {
            "count": self.count,
            "next": self._url(offset=end) if end < self.count else None,
            "previous": self._url(offset=before or None) if self.offset else None,
            "results": results,
        }

    def _url(self, **changes: Any) -> str:
        query = self.request.query_params.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")


def _write(key: int) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    if cursor == "":
        return 0
    try:
        return min(int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))), 2**63 - 1)
    except (ValueError, binascii.Error) as error:
        raise ValidationError({"cursor": "Not a cursor of this list; take it from `next`"}) from error
