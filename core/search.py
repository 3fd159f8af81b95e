"""Finding by words: the search of one list, and the search over everything.

Texts are found by trigram indexes on UPPER(column) (Django's icontains); addresses and MACs by value, however
they are written. Each field is searched by itself and the keys are joined, so that each can use its index.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db import models
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from core.access import called, can, hidden_fields, visible
from core.resources.base import Resource, all_resources
from core.resources.paths import along
from core.resources.references import named
from core.resources.rows import may_see

MIN_LENGTH = 2
GROUP_LIMIT = 6
CANDIDATES = 60
MAC = re.compile(r"[0-9a-f]{2}([:.-]?[0-9a-f]{2}){2,7}", re.IGNORECASE)
Search = Any


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the palette."""

    label: str
    detail: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    icon: str
    url: str
    results: list[Result]


def mac(text: str) -> str:
    """A MAC address, or its beginning from three octets on, as it is stored: aabb.cc → aa:bb:cc. Else ""."""
    text = text.strip()
    if not MAC.fullmatch(text):
        return ""
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """What an address, a prefix or the beginning of an IPv4 address ("10.1.") covers; None for other text."""
    text = text.strip()
    if re.fullmatch(r"\d{1,3}(\.\d{1,3}){1,2}\.?", text):
        parts = text.rstrip(".").split(".")
        text = f"{'.'.join(parts + ['0'] * (4 - len(parts)))}/{8 * len(parts)}"
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def matching(rows: QuerySet, resource: Resource, user: Any, text: str) -> QuerySet:
    """The rows in which every word occurs in some search field that the user may see."""
    for word in text.split()[:8]:
        found = [
            rows.model._base_manager.filter(one).order_by().values("pk")
            for one in lookups(resource, user, word)
        ]
        if not found:
            return rows.none()
        rows = rows.filter(pk__in=found[0].union(*found[1:]) if len(found) > 1 else found[0])
    return rows


def lookups(resource: Resource, user: Any, word: str) -> Iterator[Q]:
    """One condition for each search field."""
    word = word.replace("\x00", "")
    for path in resource.search:
        if may_see(user, resource.model, path):
            seen = along(user, resource.model, path)
            yield from (one & seen for one in lookup(resource, path, word))


def lookup(resource: Resource, path: str, word: str) -> Iterator[Q]:
    """How one field is searched for a word: addresses by network, texts by what they contain."""
    kind = resource.attribute(path).kind
    if kind == "inet":
        covered = network(word)
        if covered is not None:
            yield Q(**{f"{path}__within": str(covered)})
    elif kind == "text":
        yield Q(**{f"{path}__icontains": word})
        written = mac(word)
        if written and written != word.lower():
            yield Q(**{f"{path}__icontains": written})


def everything(user: Any, text: str, limit: int = GROUP_LIMIT) -> list[Group]:
    """The best rows of every resource that the user may view, best first. Under two characters: nothing."""
    text = text.replace("\x00", "").strip()[:100]
    if len(text) < MIN_LENGTH:
        return []
    ranked = []
    for resource in all_resources():
        if resource.search and can(user, "view", resource.model):
            results = _best(resource, user, text, limit)
            if results:
                ranked.append((results[0][0], resource, [obj for _, obj in results]))
    ranked.sort(key=lambda one: (one[1].app == "core", one[0]))  # what people manage before who may
    return [_group(resource, user, objects, text) for _, resource, objects in ranked]


def _best(resource: Resource, user: Any, text: str, limit: int) -> list[tuple[int, models.Model]]:
    """(rank, object), 0 for an exact match, 1 for one at the beginning, 2 for one within."""
    own = [path for path in resource.search if "__" not in path and may_see(user, resource.model, path)]
    texts = [path for path in own if resource.attribute(path).kind == "text"]
    rows = visible(user, resource.model).order_by()
    keys = _keys(rows, [one for path in own for one in lookup(resource, path, text)])
    if len(keys) >= CANDIDATES:  # too many to rank them all: make sure that the best are among them
        keys |= _keys(rows, [one for path in texts[:1] for one in _better(path, text)])
    if not keys:
        return []
    rank = _rank(texts, text)
    found = named(rows.filter(pk__in=keys), resource).annotate(search_rank=rank)
    ordered = found.order_by("search_rank", *list(texts[:1]), "pk")[:limit]
    return [(obj.search_rank, obj) for obj in ordered]


def _keys(rows: QuerySet, conditions: list[Q]) -> set[Any]:
    """Some keys for each condition, in one query: each condition can use its own index."""
    parts = [rows.filter(one).values_list("pk", flat=True)[:CANDIDATES] for one in conditions]
    if len(parts) < 2:
        return set(parts[0]) if parts else set()
    return set(parts[0].union(*parts[1:], all=True))


def _better(path: str, text: str) -> list[Q]:
    """Equal, and at the beginning."""
    return [Q(**{f"{path}__iexact": text}), Q(**{f"{path}__istartswith": text})]


def _rank(paths: list[str], text: str) -> Case:
    variants = {text, mac(text) or text}
    exact = [Q(**{f"{path}__iexact": one}) for path in paths for one in variants]
    start = [Q(**{f"{path}__istartswith": one}) for path in paths for one in variants]
    whens = [When(_any(exact), then=Value(0)), When(_any(start), then=Value(1))] if paths else []
    return Case(*whens, default=Value(2 if paths else 0), output_field=IntegerField())


def _any(conditions: list[Q]) -> Q:
    return reduce(lambda one, other: one | other, conditions, Q())


def _group(resource: Resource, user: Any, objects: list[models.Model], text: str) -> Group:
    hidden = hidden_fields(user, resource.model)
    return Group(
        label=resource.label_plural,
        icon=resource.icon,
        url=f"{resource.url('list')}?q={text}",
        results=[
            Result(
                called(user, obj),
                _detail(resource, user, obj, hidden),
                resource.url("detail", obj.pk),
                resource.icon,
            )
            for obj in objects
        ],
    )


def _detail(resource: Resource, user: Any, obj: models.Model, hidden: frozenset[str]) -> str:
    """What tells it from others of its name: the rest of the natural key, else the other search fields."""
    names = [*resource.natural_key, *resource.search]
    own = [name for name in dict.fromkeys(names) if "__" not in name and name not in hidden]
    parts = []
    for name in own:
        field = obj._meta.get_field(name)
        if not field.is_relation or (name in resource.natural_key and can(user, "view", field.related_model)):
            value = _said(user, getattr(obj, name))
            if value and value != called(user, obj):
                parts.append(value)
    return " · ".join(parts[:3])


def _said(user: Any, value: Any) -> str:
    """A value in words; nothing for an object that the user may not see."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return (
        "" if not value or (isinstance(value, models.Model) and not can(user, "view", value)) else str(value)
    )
