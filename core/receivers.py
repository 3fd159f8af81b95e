"""What must hold whoever writes people, roles and credentials: page, API and import alike.

These run inside the transaction of the change; raising undoes it.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.dispatch import receiver
from django.utils import timezone

from core import rank
from core.models import Credential, Permission, Role, User
from core.resources.signals import deleting, saved, saving


@receiver(saving, sender=User)
def people_changing(objects: Sequence[User], user: Any, **_: Any) -> None:
    rank.require_over_people(user, objects)


@receiver(saved, sender=User)
def people_changed(objects: Sequence[User], changed: frozenset[str], user: Any, **_: Any) -> None:
    """Nobody locks themselves out, or leaves no administrator."""
    if "is_active" in changed and any(one.pk == user.pk and not one.is_active for one in objects):
        raise PermissionDenied("You cannot deactivate yourself; ask another administrator")
    _keep_an_administrator()


@receiver(saving, sender=Role)
def roles_changing(objects: Sequence[Role], **context: Any) -> None:
    rank.require_over_roles(context["user"], objects)


@receiver(saved, sender=Role)
def roles_changed(changed: frozenset[str], **_: Any) -> None:
    if "users" in changed:
        _keep_an_administrator()


@receiver(saving, sender=Permission)
def permissions_changing(objects: Sequence[Permission], created: bool, user: Any, **_: Any) -> None:
    """Neither what a permission was nor what it would be lies beyond who writes it."""
    if not created:
        stored = Permission.objects.select_related("role").filter(pk__in=[one.pk for one in objects])
        rank.require_over_permissions(user, stored)
    rank.require_over_permissions(user, objects)


@receiver(saved, sender=Credential)
def credentials_changed(objects: Sequence[Credential], changed: frozenset[str], **_: Any) -> None:
    """History tells when a secret changed, never what it is."""
    if "secret" in changed:
        keys = [one.pk for one in objects]
        Credential.objects.filter(pk__in=keys).update(secret_changed_at=timezone.now())


@receiver(deleting, sender=User)
def people_deleted(objects: Sequence[User], user: Any, **_: Any) -> None:
    rank.require_over_people(user, objects)
    if any(one.pk == user.pk for one in objects):
        raise PermissionDenied("You cannot delete yourself; ask another administrator")
    _keep_an_administrator([one.pk for one in objects])


@receiver(deleting, sender=Role)
def roles_deleted(objects: Sequence[Role], user: Any, **_: Any) -> None:
    if built_in := [role.name for role in objects if role.built_in]:
        raise PermissionDenied(f"{', '.join(built_in)}: built-in roles cannot be deleted")
    rank.require_over_roles(user, objects)


@receiver(deleting, sender=Permission)
def permissions_deleted(objects: Sequence[Permission], user: Any, **_: Any) -> None:
    if any(permission.role.built_in for permission in objects):
        raise PermissionDenied("Permissions of built-in roles cannot be deleted")
    rank.require_over_permissions(user, objects)
    rank.require_over_roles(user, objects)


def _keep_an_administrator(going: Sequence[int] = ()) -> None:
    try:
        rank.refuse_without_administrator(going)
    except ValidationError as error:
        raise PermissionDenied(error.messages[0]) from error
