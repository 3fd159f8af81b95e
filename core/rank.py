"""Administrators: who may do everything is made, changed and removed by their like alone; one remains."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from core.access import ALL, grants_of
from core.models import Role, User


def is_almighty(user: Any) -> bool:
    """Whether nothing is forbidden to the user."""
    if user.is_superuser:
        return True
    return any(
        one.resource == ALL and ALL in one.actions and one.constraint in (None, {}) for one in grants_of(user)
    )


def is_almighty_role(role: Role) -> bool:
    return role.permissions.filter(resource=ALL, actions__contains=[ALL]).exists()


def require(actor: Any, almighty: bool) -> None:
    """PermissionDenied when what is touched is almighty and the actor is not."""
    if almighty and not is_almighty(actor):
        raise PermissionDenied("Only an administrator may do this to an administrator")


def refuse_without_administrator() -> None:
    """ValidationError when nobody is left who can let others in. Call it in the transaction of the change."""
    people = User.objects.filter(is_active=True)
    if (
        not people.filter(is_superuser=True).exists()
        and not people.filter(roles__name="administrator").exists()
    ):
        raise ValidationError("This is the last administrator; make another one first")
