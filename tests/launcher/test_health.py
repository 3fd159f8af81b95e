"""/healthz and /readyz: open to anybody, exact about what is missing."""

import time

import pytest
import redis as redis_py
from django.test import Client

from itim import heartbeat as signs
from itim.scheduler import Scheduler
from itim.tasks import heartbeat


def test_healthz_needs_no_login_and_no_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"alive": True}


@pytest.mark.django_db
def test_readyz_names_what_is_missing(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()
    assert parts["database"] == {"ok": True, "why": ""}
    assert parts["broker"] == {"ok": True, "why": ""}
    assert parts["worker"] == {"ok": False, "why": "no sign of life yet"}
    assert parts["beat"] == {"ok": False, "why": "no sign of life yet"}


@pytest.mark.django_db
def test_readyz_is_well_when_all_show_life(client: Client) -> None:
    heartbeat()
    signs.sign_of_life("beat")
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.json()


@pytest.mark.django_db
def test_old_sign_of_life_does_not_count(client: Client, redis: redis_py.Redis) -> None:
    signs.sign_of_life("worker")
    redis.set(signs.KEYS["beat"], time.time() - signs.LIMIT - 60)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"]["ok"]
    assert "last sign of life" in answer.json()["beat"]["why"]


@pytest.mark.django_db
def test_broker_away(client: Client, settings: object, caplog: pytest.LogCaptureFixture) -> None:
    """Where it is tells the log, not everybody who asks."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    parts = answer.json()
    assert parts["database"]["ok"]
    assert "does not answer" in parts["broker"]["why"]
    assert "127.0.0.1" not in answer.content.decode() and "127.0.0.1:1" in caplog.text
    assert "does not answer" in parts["worker"]["why"]


def test_nothing_is_cached(client: Client) -> None:
    assert "no-store" in client.get("/healthz")["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_scheduler_is_the_one_that_shows_life(settings: object) -> None:
    assert f"itim.scheduler:{Scheduler.__name__}" == settings.CELERY_BEAT_SCHEDULER  # type: ignore[attr-defined]
