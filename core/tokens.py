"""API tokens: 256 random bits, kept as SHA-256, shown once; Bearer authentication (RFC 6750) for the API."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core import history
from core.models import ApiToken
from core.scopes import WRITE, check_scopes

MARK = "itim_"
"""How every token begins, so that people and secret scanners recognize one."""
USE_RECORDED_EVERY = timedelta(minutes=1)


def hash_of(token: str) -> str:
    """SHA-256 in hex. No salt and no stretching: the token is random, not a password."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    user: Any, name: str, scopes: list[str] | None = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of the user and its text, which nobody can get a second time.

    ValidationError names what is wrong with `name`, `scopes` or `expires_at`.
    """
    scopes = scopes or [WRITE]
    check_scopes(scopes)
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "The token would have expired already"})
    text = MARK + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name.strip(),
        prefix=text[:10],
        hash=hash_of(text),
        scopes=scopes,
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    return token, text


def revoke_token(token: ApiToken) -> None:
    """The token stops to work at once; history keeps that it was there."""
    token.delete()


def user_of(text: str) -> AbstractBaseUser | None:
    """The active user of a valid token, limited to its scopes; None for any other text."""
    token = ApiToken.objects.select_related("user").filter(hash=hash_of(text)).first()
    if token is None or token.expired or not token.user.is_active:
        return None
    _record_use(token)
    user = token.user
    user.token_scopes = tuple(token.scopes)
    user.api_token = token
    return user


def _record_use(token: ApiToken) -> None:
    """At most one write a minute: a busy integration must not write with every read."""
    now = timezone.now()
    if token.last_used is None or now - token.last_used >= USE_RECORDED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used=now)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`. Another scheme is left to the next class; a bad token is 401."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        user: Any = user_of(text.strip())
        if user is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked")
        history.set_user(user)
        return user, user.api_token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ITIM"'


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """What the API's description says of it."""

    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API token: Account, API tokens"}
