"""Discovery waits in a line of its own: however many devices are new, polls go on."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import redis as redis_py

from inventory.models import Device
from itim.launcher import __main__ as launcher
from itim.launcher import parts
from monitoring import claims, discovery, tasks
from monitoring.crew import Crew
from monitoring.models import Check, Poller

ROOT = Path(__file__).parents[2]


@pytest.fixture
def new_devices(db: None) -> int:
    """As after an import: a thousand devices, each with a check to poll and to discover."""
    many = 1000
    devices = Device.objects.bulk_create(
        Device(name=f"d{number}", address="192.0.2.1") for number in range(many)
    )
    Check.objects.bulk_create(Check(device=one, kind="snmp", next_discovery=None) for one in devices)
    return many


def test_polls_are_claimed_while_discoveries_wait(new_devices: int, redis: redis_py.Redis) -> None:
    """Nobody works: messages pile up, in their own queue and up to its limit."""
    found = sum(tasks.discover_due() for _ in range(10))
    assert found == redis.llen("discover.default") == discovery.WAITING
    assert tasks.poll_due() == new_devices / claims.BATCH
    assert redis.llen("poll.default") == new_devices / claims.BATCH
    assert not Poller.objects.filter(skipped_runs__gt=0).exists()


def test_a_poller_that_nobody_works_for_keeps_no_other_waiting(
    new_devices: int, redis: redis_py.Redis
) -> None:
    Check.objects.filter(pk__in=Check.objects.values("pk")[10:]).update(poller="gone")
    for _ in range(5):
        tasks.discover_due()
    assert redis.llen("discover.default") == 10
    assert redis.llen("discover.gone") == discovery.WAITING


@contextmanager
def busy(hands: int, waiting: int) -> Iterator[tuple[Crew, list[int]]]:
    go, done = threading.Event(), []

    def work(number: int) -> None:
        go.wait(30)
        done.append(number)
        if number == 1:
            raise ValueError("a device that breaks discovery")

    with ExitStack() as stack:
        stack.callback(go.set)
        crew = Crew(work, hands, waiting)
        yield crew, done
        go.set()
        crew.wait()


def test_the_task_only_hands_in(db: None) -> None:
    """With every hand busy the task returns, and what finds no place is due again."""
    device = Device.objects.create(name="d", address="192.0.2.1")
    check = Check.objects.create(device=device, kind="snmp")
    with busy(hands=1, waiting=1) as (crew, _), patch.object(discovery, "crew", crew):
        numbers = iter(range(-1, -100, -1))
        while crew.submit(next(numbers)):
            pass
        tasks.discover(check.pk)
        check.refresh_from_db()
        assert check.next_discovery is None


def test_all_that_is_taken_on_is_done_and_a_failure_ends_nothing(db: None) -> None:
    with busy(hands=2, waiting=8) as (crew, done):
        taken = [number for number in range(8) if crew.submit(number)]
    assert sorted(done) == taken == list(range(8))


@pytest.mark.parametrize(("arguments", "name"), [(["poller"], "default"), (["poller", "site-a"], "site-a")])
def test_a_poller_works_at_both_queues(arguments: list[str], name: str) -> None:
    command: Any = launcher.command(arguments)
    queues = command[command.index("--queues") + 1].split(",")
    assert queues == [claims.queue_name(name), claims.discovery_queue(name)]
    assert queues == parts.polling(name).split(",")


def test_where_pollers_are_started_they_are_started_by_the_launcher() -> None:
    """docker-compose and systemd name no queue of their own that could be forgotten."""
    for path in (ROOT / "docker-compose.yml", *(ROOT / "deploy/systemd").iterdir()):
        assert "poll.default" not in path.read_text()
    assert "discover.NAME" in (ROOT / "docs/operations.md").read_text()
