"""Changes to people, roles, tokens and credentials: atomic, audited, checked."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from axes.utils import reset as reset_axes
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from core import rank, tokens
from core.access import check_after, require
from core.credentials import merged
from core.models import ApiToken, Credential, Role, User

PASSWORD_BYTES = 12


@sensitive_variables()
@transaction.atomic
def create_user(
    actor: Any,
    username: str,
    email: str = "",
    *,
    password: str = "",
    roles: Iterable[Role] = (),
    first_name: str = "",
    last_name: str = "",
) -> tuple[User, str]:
    """A new person, and the password to hand over (made here where none is given).

    PermissionDenied, or ValidationError by field. Giving roles takes the right to change roles.
    """
    require(actor, "add", User)
    user = User(username=username.strip(), email=email.strip(), first_name=first_name, last_name=last_name)
    password = _set_password(user, password)
    user.full_clean()
    user.save()
    check_after(actor, "add", user)
    for role in roles:
        give_role(actor, user, role)
    return user, password


@transaction.atomic
def give_role(actor: Any, user: User, role: Role) -> None:
    """The person has the role from now on. Nobody gives a role that may do more than they may themselves."""
    require(actor, "change", role)
    rank.require_over_roles(actor, [role])
    role.users.add(user)


@transaction.atomic
def take_role(actor: Any, user: User, role: Role) -> None:
    """The person no longer has the role; the last administrator keeps it."""
    require(actor, "change", role)
    rank.require_over_roles(actor, [role])
    role.users.remove(user)
    rank.refuse_without_administrator()


@transaction.atomic
def set_active(actor: Any, user: User, active: bool) -> None:
    """Let a person in, or out: their sessions and tokens stop at once. Nobody locks themselves out."""
    _require_over(actor, user)
    if not active and user.pk == actor.pk:
        raise ValidationError("You cannot deactivate yourself; ask another administrator")
    user.is_active = active
    user.save(update_fields=["is_active"])
    rank.refuse_without_administrator()


@sensitive_variables()
@transaction.atomic
def reset_password(actor: Any, user: User, password: str = "") -> str:
    """A new password for a person who lost theirs (made here where none is given); ends sessions and lock."""
    _require_over(actor, user)
    password = _set_password(user, password)
    user.save(update_fields=["password", "password_changed_at"])
    unlock(actor, user)
    return password


def second_factors(actor: Any, user: User) -> list[Authenticator]:
    """What a person shows at login besides the password; for who may take it away.

    ValidationError where there is none, or it is one's own: that is removed in the account.
    """
    _require_over(actor, user)
    if user.pk == actor.pk:
        raise ValidationError("Remove your own second factor under Account, Two-factor sign-in")
    if not (found := list(Authenticator.objects.filter(user=user).order_by("pk"))):
        raise ValidationError(f"{user} has no second factor")
    return found


@transaction.atomic
def remove_second_factor(actor: Any, user: User) -> None:
    """For who lost the second factor and the recovery codes: the password alone lets them in. Sessions end.

    Refuses as second_factors does.
    """
    found = second_factors(actor, user)
    Authenticator.objects.filter(pk__in=[one.pk for one in found]).delete()
    user.second_factor_removed_at = timezone.now()
    user.save(update_fields=["second_factor_removed_at"])


def unlock(actor: Any, user: User) -> None:
    """Forget a person's wrong passwords, so that they may try again now."""
    _require_over(actor, user)
    for name in filter(None, (user.username, user.email)):
        reset_axes(username=name.casefold())


@transaction.atomic
def create_token(
    actor: Any, user: User, name: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A token for the user and its text, shown once. People make their own; for others it takes a right."""
    require(actor, "add", ApiToken)
    rank.require_over_people(actor, [user])
    token, text = tokens.create_token(user, name, scopes, expires_at)
    check_after(actor, "add", token)
    return token, text


@transaction.atomic
def revoke_token(actor: Any, token: ApiToken) -> None:
    """The token stops to work at once."""
    require(actor, "delete", token)
    rank.require_over_people(actor, [token.user])
    tokens.revoke_token(token)


@sensitive_variables()
@transaction.atomic
def save_credential(
    actor: Any, credential: Credential, *, secret: dict[str, Any] | None = None, keep: bool = True
) -> Credential:
    """Write a credential. Secret fields that `secret` leaves empty keep their value (keep=False: no).

    ValidationError names what is wrong, never its value. A change of kind starts from an empty secret.
    """
    action = "add" if credential.pk is None else "change"
    require(actor, action, credential if credential.pk else Credential)
    stored = Credential.objects.filter(pk=credential.pk).first() if credential.pk else None
    if secret is not None:
        same = stored is not None and stored.kind == credential.kind
        kept = stored.secret if stored is not None and same and keep else {}
        credential.secret = merged(credential.kind, kept, secret)
    credential.full_clean()
    if stored is None or stored.secret != credential.secret:
        credential.secret_changed_at = timezone.now()
    credential.save()
    check_after(actor, action, credential)
    return credential


@sensitive_variables()
def _set_password(user: User, password: str) -> str:
    if password:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
    password = password or secrets.token_urlsafe(PASSWORD_BYTES)
    user.set_password(password)
    return password


def _require_over(actor: Any, user: User) -> None:
    """The right to change this person, who may do no more than the actor."""
    require(actor, "change", user)
    rank.require_over_people(actor, [user])
