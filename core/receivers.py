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
from core.resources.signals import deleting, saved


@receiver(saved, sender=User)
def people_changed(objects: Sequence[User], changed: frozenset[str], user: Any, **_: Any) -> None:
    """Nobody changes who stands above them, locks themselves out, or leaves no administrator."""
    rank.require(user, any(rank.is_almighty(one) for one in objects))
    if "is_active" in changed and any(one.pk == user.pk and not one.is_active for one in objects):
        raise PermissionDenied("You cannot deactivate yourself; ask another administrator")
    _keep_an_administrator()


@receiver(saved, sender=Role)
def roles_changed(objects: Sequence[Role], changed: frozenset[str], user: Any, **_: Any) -> None:
    if "users" in changed:
        rank.require(user, any(rank.is_almighty_role(role) for role in objects))
        _keep_an_administrator()


@receiver(saved, sender=Permission)
def permissions_changed(objects: Sequence[Permission], user: Any, **_: Any) -> None:
    rank.require(user, any(rank.is_almighty_role(permission.role) for permission in objects))


@receiver(saved, sender=Credential)
def credentials_changed(objects: Sequence[Credential], changed: frozenset[str], **_: Any) -> None:
    """History tells when a secret changed, never what it is."""
    if "secret" in changed:
        keys = [one.pk for one in objects]
        Credential.objects.filter(pk__in=keys).update(secret_changed_at=timezone.now())


@receiver(deleting, sender=User)
def people_deleted(objects: Sequence[User], user: Any, **_: Any) -> None:
    rank.require(user, any(rank.is_almighty(one) for one in objects))
    if any(one.pk == user.pk for one in objects):
        raise PermissionDenied("You cannot delete yourself; ask another administrator")
    # Who deletes others is not among them; if they are an administrator, one remains.


@receiver(deleting, sender=Role)
def roles_deleted(objects: Sequence[Role], **_: Any) -> None:
    if built_in := [role.name for role in objects if role.built_in]:
        raise PermissionDenied(f"{', '.join(built_in)}: built-in roles cannot be deleted")


@receiver(deleting, sender=Permission)
def permissions_deleted(objects: Sequence[Permission], **_: Any) -> None:
    if any(permission.role.built_in for permission in objects):
        raise PermissionDenied("Permissions of built-in roles cannot be deleted")


def _keep_an_administrator() -> None:
    try:
        rank.refuse_without_administrator()
    except ValidationError as error:
        raise PermissionDenied(error.messages[0]) from error
