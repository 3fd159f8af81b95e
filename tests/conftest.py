"""Fixtures of every test: the database, Redis, and settings that make tests fast without making them lie."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

from tests import servers


def pytest_configure() -> None:
    """Settings that only tests have: a cheap password hash, static files straight from their folders."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """This worker's database: a copy of the template that the run migrated once."""
    servers.ensure()
    servers.copy_template()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def renew_database(self: TransactionTestCase) -> None:
    """After a test that commits: the database as migrations leave it, rows of data migrations included."""
    connections.close_all()
    servers.copy_template()


TransactionTestCase._fixture_teardown = renew_database


@pytest.fixture
def redis() -> redis_py.Redis:
    """A client of this worker's Redis database, for tests that use it without a database."""
    servers.ensure()
    return servers.redis_client()


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    """No cached value, counter or lock travels from a test to the next."""
    yield
    if servers.is_running():
        with servers.redis_client() as client:
            client.flushdb()
