"""Pollers show life, are missed when they are gone, and count what they lose."""

import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery.signals import task_revoked
from django.db import DataError, OperationalError
from django.test import Client
from django.utils import timezone

from core.models import User
from inventory.models import Device
from monitoring import health, pollers, polling, tasks
from monitoring.flat import SweepInput
from monitoring.models import Check, Poller
from probes.readings import Readings

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(polling, "close_old_connections", lambda: None)
    monkeypatch.setattr(polling.time, "sleep", lambda seconds: None)
    pollers._said.clear()
    yield
    pollers._lost.clear()


@pytest.fixture
def device() -> Device:
    return Device.objects.create(name="d", address="192.0.2.1")


def waiting(device: Device, **options: Any) -> Check:
    check = Check.objects.create(device=device, kind="ping", **options)
    Check.objects.update(created_at=timezone.now() - LONG_AGO)
    return check


def overview() -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.net", "x"))
    return client.get("/").content.decode()


def test_a_worker_that_takes_a_batch_shows_life(device: Device) -> None:
    check = waiting(device, poller="site-a")
    tasks.poll_batch([check.pk], "site-a")
    assert timezone.now() - Poller.objects.get(name="site-a").last_seen < timedelta(seconds=30)


def test_life_is_not_written_at_every_batch(django_assert_num_queries: Any) -> None:
    pollers.alive("default")
    with django_assert_num_queries(0):
        pollers.alive("default")


@pytest.mark.parametrize(
    ("check", "seen", "missed"),
    [
        ({}, None, True),
        ({}, LONG_AGO, True),
        ({}, timedelta(seconds=30), False),
        ({"last_run": LONG_AGO}, LONG_AGO, True),
        ({"last_run": timedelta(seconds=30)}, LONG_AGO, False),
        ({"last_run": LONG_AGO, "interval": 3600}, LONG_AGO, False),
        ({"enabled": False}, None, False),
        ({"passive": True}, None, False),
    ],
)
def test_a_poller_that_nobody_works_for_is_missed(
    device: Device, check: dict[str, Any], seen: timedelta | None, missed: bool
) -> None:
    now = timezone.now()
    ages = {name: now - value if isinstance(value, timedelta) else value for name, value in check.items()}
    waiting(device, **ages)
    Poller.objects.create(name="default", last_seen=now - seen if seen else None)
    assert [one.name for one in health.absent()] == ["default"] * missed
    assert ("Nobody polls" in overview()) is missed


def test_what_has_just_been_made_misses_nobody(device: Device) -> None:
    Check.objects.create(device=device, kind="ping")
    assert health.absent() == []


def broken(error: Exception) -> Any:
    def ingest(chunk: list[SweepInput]) -> None:
        raise error

    return ingest


@pytest.mark.parametrize("error", [DataError("no column takes it"), OperationalError("away")])
def test_lost_sweeps_are_counted(device: Device, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    checks = [waiting(device, name=str(number), poller="site-a") for number in range(3)]
    monkeypatch.setattr(polling, "ingest", broken(error))
    monkeypatch.setattr(polling.connection, "close", lambda: None)
    chunk = [SweepInput(check.pk, time.time(), Readings()) for check in checks]
    with contextlib.suppress(OperationalError):
        polling.store_chunk(chunk)
    assert Poller.objects.get(name="site-a").lost_sweeps == 3


def test_losses_without_a_database_are_counted_later(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    check = waiting(device)
    with monkeypatch.context() as away:
        away.setattr(pollers, "_write", lambda counted: (_ for _ in ()).throw(OperationalError("away")))
        pollers.lose([check.pk, check.pk])
    assert not Poller.objects.filter(lost_sweeps__gt=0).exists()
    pollers.write_losses()
    pollers.write_losses()
    assert Poller.objects.get().lost_sweeps == 2


def test_a_message_that_expired_is_counted(device: Device) -> None:
    check = waiting(device, lease_until=timezone.now())
    request = SimpleNamespace(args=[[check.pk], "default"])
    task_revoked.send(sender=tasks.poll_batch, request=request, terminated=False, signum=None, expired=True)
    assert Poller.objects.get().skipped_runs == 1
    check.refresh_from_db()
    assert check.lease_until is None


def test_the_api_tells(device: Device) -> None:
    Poller.objects.create(name="default", lost_sweeps=7)
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.net", "x"))
    (row,) = client.get("/api/v1/pollers/").json()["results"]
    assert (row["lost_sweeps"], row["last_seen"]) == (7, None)
