"""What permissions allow, as plain data: which of them a model and an action fall under, and who covers whom.

Nothing here reads the database. "A covers B" is decided by what is written in the permissions alone, and in
doubt the answer is no: two filters that come to the same in words of their own do not cover one another.
"""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model

from core.constraints import USER, alternatives

VIEW: Final = "view"
ALL: Final = "*"
IN: Final = "__in"


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission as it stands in the database."""

    resource: str
    actions: frozenset[str]
    constraint: Any
    hidden: frozenset[str]

    def covers(self, model: type[Model], action: str) -> bool:
        return matches(self.resource, model) and self.allows(action)

    def allows(self, action: str) -> bool:
        return action in self.actions or ALL in self.actions


EVERYTHING: Final = Grant(ALL, frozenset({ALL}), None, frozenset())


def matches(resource: str, model: type[Model]) -> bool:
    """Whether a permission's resource ("*", "app.*", "app.model") means the model too."""
    return spans(resource, model._meta.label_lower)


def spans(wide: str, narrow: str) -> bool:
    """Whether all that one resource means falls under another: "app.*" spans "app.model" and itself."""
    return wide in (ALL, narrow) or (wide.endswith(f".{ALL}") and narrow.startswith(wide[:-1]))


def excess(
    held: Collection[Grant],
    wanted: Grant,
    user_pk: int | None,
    fields: Callable[[str], Collection[str]],
) -> list[str]:
    """What `wanted` allows beyond everything that is `held`, in words; empty when it is covered.

    user_pk: of who holds: their own "$user" means them. fields: names of the fields of a resource's models.
    """
    said: dict[str, list[str]] = {}
    for action in sorted(wanted.actions):
        if reason := _reason(held, wanted, action, user_pk):
            said.setdefault(reason, []).append(action)
    found = [f"{_listed(actions)} on {reason}" for reason, actions in said.items()]
    if shown := _shown(held, wanted, fields):
        found.append(f"{', '.join(shown)} of {_called(wanted.resource)}, which is hidden from you")
    return found


def implies(narrow: dict[str, Any], wide: dict[str, Any], user_pk: int | None = None) -> bool:
    """Whether every row that fits one filter fits the other: it asks all that the other asks, and more."""
    return all(_asks(narrow, key, value, user_pk) for key, value in wide.items())


def hidden_at(held: Iterable[Grant], resource: str) -> frozenset[str]:
    """The fields that these permissions hide where all of them that span the resource apply.

    A field is hidden when a permission hides it, unless another one without constraint shows it.
    """
    grants = [one for one in held if one.allows(VIEW) and spans(one.resource, resource)]
    hidden = frozenset(name for one in grants for name in one.hidden)
    for one in grants:
        if {} in alternatives(one.constraint):
            hidden &= one.hidden
    return hidden


def _reason(held: Iterable[Grant], wanted: Grant, action: str, user_pk: int | None) -> str:
    fitting = [one for one in held if one.allows(action) and spans(one.resource, wanted.resource)]
    filters = [one for grant in fitting for one in alternatives(grant.constraint)]
    if all(any(implies(one, mine, user_pk) for mine in filters) for one in alternatives(wanted.constraint)):
        return ""
    if not filters:
        return _called(wanted.resource)
    limits = " or ".join(json.dumps(one, sort_keys=True, default=str) for one in filters[:3])
    return f"{_called(wanted.resource)} beyond your limit {limits}"


def _shown(held: Collection[Grant], wanted: Grant, fields: Callable[[str], Collection[str]]) -> list[str]:
    """Fields hidden from who holds, which `wanted` would show, at any place that it spans."""
    places = {wanted.resource} | {one.resource for one in held if spans(wanted.resource, one.resource)}
    shown: set[str] = set()
    for place in places:
        if hidden := hidden_at(held, place) - wanted.hidden:
            shown |= hidden & set(fields(place))
    return sorted(shown)


def _asks(narrow: dict[str, Any], key: str, value: Any, user_pk: int | None) -> bool:
    if key in narrow and _within(narrow[key], value, user_pk, key.endswith(IN)):
        return True
    one = key.removesuffix(IN)
    return one != key and one in narrow and _within([narrow[one]], value, user_pk, True)


def _within(narrow: Any, wide: Any, user_pk: int | None, listed: bool) -> bool:
    if listed and isinstance(narrow, list) and isinstance(wide, list):
        return all(any(_same(one, other, user_pk) for other in wide) for one in narrow)
    return _same(narrow, wide, user_pk)


def _same(narrow: Any, wide: Any, user_pk: int | None) -> bool:
    """Equal as JSON, where 1 is not true; "$user" of who holds is their own key too."""
    if wide == USER and user_pk is not None and type(narrow) is int and narrow == user_pk:
        return True
    return json.dumps(narrow, sort_keys=True, default=str) == json.dumps(wide, sort_keys=True, default=str)


def _called(resource: str) -> str:
    return "everything" if resource == ALL else resource


def _listed(actions: list[str]) -> str:
    return "every action" if ALL in actions else ", ".join(action.replace("_", " ") for action in actions)
