"""Rank: nobody gives, takes or touches more than they may do themselves; one administrator remains.

Every door that writes people, roles, permissions or their tokens asks here: page, API, import and action.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from core.access import grants_of
from core.constraints import resource_models
from core.grants import ALL, EVERYTHING, VIEW, Grant, excess, spans
from core.models import Permission, Role, User

NAMED = 5
LOCK = 4_170_250  # advisory lock: one change of administrators at a time
Excess = dict[str, list[str]]


def held_by(user: Any) -> list[Grant]:
    """All that the user may do, without a token's scopes."""
    return [EVERYTHING] if user.is_superuser else grants_of(user)


def beyond(actor: Any, grants: Iterable[Grant]) -> list[str]:
    """What the permissions allow beyond what the actor may do, in words; empty when the actor covers them."""
    held = held_by(actor)
    found: list[str] = []
    for grant in grants:
        said = excess(held, grant, actor.pk, _fields) or _beyond_scopes(actor, grant)
        found += [one for one in said if one not in found]
    return found


def roles_beyond(actor: Any, roles: Iterable[Role]) -> Excess:
    """The roles that may do more than the actor, by name, with what exceeds; one query for all of them."""
    keys = [role.pk for role in roles if role.pk is not None]
    found: Excess = {}
    for permission in Permission.objects.filter(role__in=keys).select_related("role").order_by("pk"):
        if said := beyond(actor, [grant_of(permission)]):
            found.setdefault(permission.role.name, []).extend(said)
    return found


def coverable(actor: Any, roles: Iterable[Role]) -> list[int]:
    """The keys of those roles that the actor may give and take."""
    roles = list(roles)
    wider = roles_beyond(actor, roles)
    return [role.pk for role in roles if role.name not in wider]


def grant_of(permission: Permission) -> Grant:
    return Grant(
        permission.resource,
        frozenset(permission.actions),
        permission.constraint,
        frozenset(permission.hidden_fields or ()),
    )


def require_over_roles(actor: Any, roles: Iterable[Role]) -> None:
    """PermissionDenied, naming what exceeds, when one of the roles may do more than the actor."""
    for name, said in roles_beyond(actor, roles).items():
        raise PermissionDenied(f"The role {name} may do more than you: {_words(said)}")


def require_over_permissions(actor: Any, permissions: Collection[Permission]) -> None:
    """The same for permissions as they would be written, and for the roles that they belong to."""
    if said := beyond(actor, map(grant_of, permissions)):
        raise PermissionDenied(f"This permission allows more than you may do yourself: {_words(said)}")
    require_over_roles(actor, {one.role_id: one.role for one in permissions}.values())


def require_over_people(actor: Any, people: Collection[User]) -> None:
    """The same for people: who may do more than the actor is not touched by them; oneself always may be."""
    others = [one for one in people if one.pk is not None and one.pk != actor.pk]
    above = [one for one in others if one.is_superuser]
    if above and (said := beyond(actor, [EVERYTHING])):
        raise PermissionDenied(f"{above[0]} is an administrator and may do more than you: {_words(said)}")
    roles = Role.objects.filter(users__in=[one.pk for one in others]).distinct()
    for name, said in roles_beyond(actor, roles).items():
        holder = next(one for one in others if one.roles.filter(name=name).exists())
        raise PermissionDenied(f"{holder} may do more than you by the role {name}: {_words(said)}")


def refuse_without_administrator(going: Collection[Any] = ()) -> None:
    """ValidationError when nobody is left who can let others in. Call it in the transaction of the change.

    going: keys of people who are about to be deleted. Such changes wait here for one another: two people who
    take each other's place away at the same moment would both see the other one still there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    people = User.objects.filter(is_active=True).exclude(pk__in=going)
    if (
        not people.filter(is_superuser=True).exists()
        and not people.filter(roles__name="administrator").exists()
    ):
        raise ValidationError("This is the last administrator; make another one first")


def _beyond_scopes(actor: Any, grant: Grant) -> list[str]:
    """A token gives no more than it was made for itself."""
    scopes: Collection[str] | None = getattr(actor, "token_scopes", None)
    if scopes is None:
        return []
    missing = [action for action in sorted(grant.actions) if not _scoped(scopes, grant.resource, action)]
    return [f"{action} on {grant.resource}, outside the token's scopes" for action in missing]


def _scoped(scopes: Iterable[str], resource: str, action: str) -> bool:
    for scope in scopes:
        reach, _, allowed = scope.partition(":")
        if scope == "write" or (scope == "read" and action == VIEW):
            return True
        if allowed in (ALL, action) and spans(reach, resource):
            return True
    return False


def _fields(resource: str) -> frozenset[str]:
    """Names of the fields of all models that a resource means; none of one that is no more."""
    try:
        models = resource_models(resource)
    except ValidationError:
        return frozenset()
    return frozenset(field.name for model in models for field in model._meta.get_fields())


def _words(said: list[str]) -> str:
    more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return "; ".join(said[:NAMED]) + more
