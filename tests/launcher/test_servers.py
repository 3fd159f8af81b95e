"""The tests' own servers: a database as migrations leave it, for every test."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from core.models import User


@pytest.mark.django_db
def test_database_is_migrated() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", [1, 2])
def test_committed_rows_do_not_reach_the_next_test(attempt: int) -> None:
    assert not User.objects.filter(username="left").exists()
    User.objects.create(username="left")


@pytest.mark.parametrize("attempt", [1, 2])
def test_cache_is_empty_at_first(redis: object, attempt: int) -> None:
    assert cache.get("left") is None
    cache.set("left", 1)
    assert cache.get("left") == 1


def test_celery_meets_the_same_server() -> None:
    assert settings.CELERY_BROKER_URL.startswith(("redis+socket://", "redis://", "rediss://"))
