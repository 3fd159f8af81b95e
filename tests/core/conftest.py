"""People and things that the tests of core share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import Permission, Role, User


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """person("ann", "viewer"): a user with a built-in role, or none."""

    def make(name: str, *roles: str, **fields: Any) -> User:
        user = User.objects.create_user(name, f"{name}@example.com", "correct horse 9", **fields)
        for role in roles:
            user.roles.add(Role.objects.get(name=role))
        return user

    return make


@pytest.fixture
def allow(db: None) -> Callable[..., Permission]:
    """allow(user, "inventory.device", ["view"], constraint, hidden): a permission by a role of its own."""

    def give(
        user: User, resource: str, actions: list[str], constraint: Any = None, hidden: list[str] | None = None
    ) -> Permission:
        role = Role.objects.create(name=f"of {user.username} {Role.objects.count()}")
        role.users.add(user)
        return Permission.objects.create(
            role=role,
            resource=resource,
            actions=actions,
            constraint=constraint,
            hidden_fields=hidden or [],
        )

    return give


@pytest.fixture
def as_person(person: Callable[..., User]) -> Callable[..., Client]:
    """as_person("ann", "operator"): a browser in which she is logged in."""

    def login(name: str, *roles: str) -> Client:
        client = Client()
        client.force_login(
            person(name, *roles), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return login
