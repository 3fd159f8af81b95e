"""Who may do what: the one door to rows.

Pages, API, search, choices of forms, panels, exports and reports all read through `visible`. A permission is
(role, resource, actions, constraint, hidden fields); permissions add up, and a superuser has all of them.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import Any, Final

from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model, Q, QuerySet

from core.constraints import USER, alternatives, spans_many, to_q
from core.grants import ALL, VIEW, Grant, hidden_at, matches
from core.models import Permission

log = logging.getLogger(__name__)

HIDDEN: Final = "hidden"


class SystemActor:
    """The actor of tasks and commands: may do everything, is nobody in particular."""

    pk = id = None
    username = "system"
    is_authenticated = is_active = is_superuser = True
    is_anonymous = False

    def __str__(self) -> str:
        return self.username


SYSTEM: Final = SystemActor()


OWN: Final = [
    Grant("core.savedview", frozenset({VIEW}), [{"owner": USER}, {"shared": True}], frozenset()),
    Grant("core.savedview", frozenset({"add", "change", "delete"}), {"owner": USER}, frozenset()),
    Grant("core.apitoken", frozenset({VIEW, "add", "delete"}), {"user": USER}, frozenset()),
]
"""What everybody may do with what is their own, without any role."""


def visible(user: Any, model: type[Model], action: str = VIEW) -> QuerySet:
    """The rows of a model on which the user may do the action: their permissions' constraints, joined by OR.

    Nobody (anonymous, deactivated, no permission, outside the token's scopes) gets an empty QuerySet.
    """
    rows = model._default_manager.all()
    unlimited = is_unlimited(user, model, action)
    if unlimited is None:
        return rows.none()
    return rows if unlimited else _filtered(rows, _filters(user, model, action), user.pk)


def can(user: Any, action: str, target: type[Model] | Model) -> bool:
    """Whether the user may do the action: on some row where target is a model, on this row where it is one.

    A row that is not saved yet counts as its model; `check_after` looks at it once it is.
    """
    model: Any = target if isinstance(target, type) else type(target)
    unlimited = is_unlimited(user, model, action)
    if unlimited is not False or isinstance(target, type) or target.pk is None:
        return unlimited is not None
    return visible(user, model, action).filter(pk=target.pk).exists()


def is_unlimited(user: Any, model: type[Model], action: str = VIEW) -> bool | None:
    """True where nothing constrains the user, False where something does, None where they may not at all."""
    if not _within_scopes(user, model, action):
        return None
    if user.is_superuser:
        return True
    filters = _filters(user, model, action)
    return ({} in filters) if filters else None


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see of the objects that history names (core.history.sight)."""

    user: Any

    def rows(self, model: type[Model]) -> QuerySet:
        return visible(self.user, model)

    def is_unlimited(self, model: type[Model]) -> bool:
        return bool(is_unlimited(self.user, model))

    def name(self, obj: Model) -> str:
        return called(self.user, obj)


def called(user: Any, obj: Model) -> str:
    """The name of an object that the user may see.

    A model whose name is made of other objects' names has a method `called(word)` that makes it, where `word`
    names one of those: what of them the user may not see is called "hidden".
    """
    make = getattr(obj, "called", None)
    return str(make(partial(in_words, user)) if make else obj)


def in_words(user: Any, obj: Model | None) -> str:
    """The name of an object that another one points at; "hidden" where the user may not see it, "" for none.

    Asked at most once for each object and user object, which lives as long as a request.
    """
    if obj is None:
        return ""
    unlimited = is_unlimited(user, type(obj))
    if unlimited is not False:
        return called(user, obj) if unlimited else HIDDEN
    known: dict[Any, bool] = user.__dict__.setdefault("_seen", {})
    key = (type(obj), obj.pk)
    if key not in known:
        known[key] = can(user, VIEW, obj)
    return called(user, obj) if known[key] else HIDDEN


def limited(rows: Any, user: Any, model: type[Model], path: str) -> Any:
    """Those of `rows` whose `path` leads to a row of `model` that the user may see.

    Where nothing limits the user the query stays as it is: the database is spared the join.
    """
    unlimited = is_unlimited(user, model)
    if unlimited is None:
        return rows.none()
    return rows if unlimited else rows.filter(**{f"{path}__in": visible(user, model).order_by().values("pk")})


def hidden_fields(user: Any, model: type[Model]) -> frozenset[str]:
    """Names of fields that the user must not see, write, filter, sort or search by.

    A field is hidden when a permission hides it, unless another one without constraint shows it.
    """
    if not is_live(user) or user.is_superuser:
        return frozenset()
    return hidden_at(grants_of(user), model._meta.label_lower)


def require(user: Any, action: str, target: type[Model] | Model) -> None:
    """PermissionDenied, in words that a person understands, unless `can`."""
    if not can(user, action, target):
        raise _denied(user, action, target)


def check_after(user: Any, action: str, obj: Model) -> None:
    """PermissionDenied when a row that was just written is outside what the user may write.

    Call it in the transaction of the change: raising undoes it.
    """
    check_all_after(user, action, type(obj), [obj.pk])


def check_all_after(user: Any, action: str, model: type[Model], keys: Collection[Any]) -> None:
    """check_after for many rows of a model, in one query (none where nothing constrains the user)."""
    if not transaction.get_connection(DEFAULT_DB_ALIAS).in_atomic_block:
        raise RuntimeError("check_after works inside a transaction only: it has to undo the change")
    require(user, action, model)
    if is_unlimited(user, model, action):
        return
    if visible(user, model, action).filter(pk__in=keys).count() != len(set(keys)):
        name = model._meta.verbose_name
        raise PermissionDenied(
            f"You may not {_words(action)} this {name} so: it would be outside your permissions"
        )


def is_live(user: Any) -> bool:
    """Whether somebody is there at all: logged in and not deactivated."""
    return bool(user is not None and user.is_authenticated and user.is_active)


def grants_of(user: Any) -> list[Grant]:
    """All permissions of the user; read once for each user object, which lives as long as a request."""
    cached: list[Grant] | None = user.__dict__.get("_grants")
    if cached is None:
        rows = Permission.objects.filter(role__users=user.pk).order_by()
        cached = OWN + [
            Grant(resource, frozenset(actions), constraint, frozenset(hidden))
            for resource, actions, constraint, hidden in rows.values_list(
                "resource", "actions", "constraint", "hidden_fields"
            )
        ]
        user.__dict__["_grants"] = cached
    return cached


def forget(user: Any) -> None:
    """Read the user's permissions anew at next use: for code that changes them and goes on."""
    user.__dict__.pop("_grants", None)


def _within_scopes(user: Any, model: type[Model], action: str) -> bool:
    """Whether somebody is there and, if they came with an API token, it was made for this."""
    if not is_live(user):
        return False
    scopes: Iterable[str] | None = getattr(user, "token_scopes", None)
    return scopes is None or any(_scope_covers(scope, model, action) for scope in scopes)


def _scope_covers(scope: str, model: type[Model], action: str) -> bool:
    if scope in ("read", "write"):
        return scope == "write" or action == VIEW
    resource, _, scoped_action = scope.partition(":")
    return matches(resource, model) and scoped_action in (ALL, action)


def _filters(user: Any, model: type[Model], action: str) -> list[dict[str, Any]]:
    """The filters of which a row must fit one; {} is in it when every row will do; empty when none will."""
    return [
        one
        for grant in grants_of(user)
        if grant.covers(model, action)
        for one in alternatives(grant.constraint)
    ]


def _filtered(rows: QuerySet, filters: list[dict[str, Any]], user_pk: int) -> QuerySet:
    """Rows that fit one of the filters. A filter that no longer fits the model lets nothing through."""
    usable: list[Q] = []
    many = False
    for one in filters:
        q = to_q(one, user_pk)
        try:
            many |= spans_many(rows.model, one)
            rows.filter(q)
        except (FieldError, ValidationError, ValueError, TypeError) as error:
            log.error(
                "a permission on %s has a constraint that cannot be used: %s", rows.model._meta.label, error
            )
            continue
        usable.append(q)
    if not usable:
        return rows.none()
    fits = reduce(or_, usable)
    if many:
        return rows.filter(pk__in=rows.model._base_manager.filter(fits).values("pk"))
    return rows.filter(fits)


def _words(action: str) -> str:
    return action.replace("_", " ")


def _denied(user: Any, action: str, target: Any) -> PermissionDenied:
    meta = target._meta
    name = "" if isinstance(target, type) else in_words(user, target)
    which = f"the {meta.verbose_name} {name}" if name not in ("", HIDDEN) else meta.verbose_name_plural
    return PermissionDenied(f"You may not {_words(action)} {which}")
