"""The poller of a worker: runs that wait, runs that spoil others, sweeps that cannot be stored."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import DataError

from inventory.models import Device
from monitoring import polling
from monitoring.flat import SweepInput
from monitoring.ingest import Report
from monitoring.jobs import Job
from monitoring.models import Check, Poller
from probes.kind import Kind
from probes.ping import PingOptions
from probes.readings import Readings
from probes.target import Target

SLOW = PingOptions(count=20)


async def _collect_many(jobs: Sequence[Any]) -> list[Readings]:
    if any(options == SLOW for _, options, _ in jobs):
        await asyncio.sleep(3600)
    return [Readings() for _ in jobs]


async def _collect(target: Any, options: Any, credential: Any) -> Readings:
    return (await _collect_many([(target, options, credential)]))[0]


GROUPED = Kind("grouped", "Grouped", PingOptions, _collect, collect_many=_collect_many)


def job(number: int, seconds: float = 60, options: PingOptions | None = None) -> Job:
    return Job(number, time.time() + seconds, GROUPED, Target("127.0.0.1"), options or PingOptions())


class Kept:
    """A sink that remembers errors by check."""

    def __init__(self) -> None:
        self.errors: dict[int, str] = {}

    def __call__(self, chunk: list[SweepInput]) -> None:
        self.errors |= {sweep.check_id: sweep.readings.error for sweep in chunk}


def test_a_slow_check_does_not_use_up_the_time_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "LEAST", 0.0)
    kept = Kept()
    poller = polling.Poller(kept)
    poller.submit([job(1), job(2, seconds=polling.RESERVE + 0.2, options=SLOW), job(3)])
    assert poller.wait(20)
    assert kept.errors[1] == kept.errors[3] == ""
    assert "not done within" in kept.errors[2]


def test_more_runs_than_there_is_room_for_are_all_made() -> None:
    kept = Kept()
    poller = polling.Poller(kept, in_flight=3)
    threads = [
        threading.Thread(target=poller.submit, args=([job(first + at) for at in range(10)],), daemon=True)
        for first in (0, 100, 200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert poller.wait(20)
    assert len(kept.errors) == 30


def test_a_run_whose_lease_is_nearly_over_is_left_out_instead_of_failing() -> None:
    kept = Kept()
    poller = polling.Poller(kept)
    late = poller.submit([job(1), job(2, seconds=1), job(3, seconds=-5)])
    assert [one.check_id for one in late] == [2, 3]
    assert poller.wait(20)
    assert kept.errors == {1: ""}


def test_runs_that_are_left_out_are_counted(
    device: Device, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling.jobs, "load", lambda ids: [job(pk, seconds=0) for pk in ids])
    polling.poll([check.pk])
    assert Poller.objects.get(name="default").skipped_runs == 1


def broken_at(bad: int, stored: list[int]) -> Callable[[list[SweepInput]], Report]:
    def ingest(chunk: list[SweepInput]) -> Report:
        ids = [sweep.check_id for sweep in chunk]
        if bad in ids:
            raise DataError("a value that no column takes")
        stored.extend(ids)
        return Report(accepted=len(ids))

    return ingest


@pytest.mark.django_db
def test_one_sweep_that_cannot_be_stored_is_lost_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[int] = []
    monkeypatch.setattr(polling, "close_old_connections", lambda: None)
    monkeypatch.setattr(polling, "ingest", broken_at(3, stored))
    polling.store_chunk([SweepInput(number, time.time(), Readings()) for number in range(8)])
    assert stored == [0, 1, 2, 4, 5, 6, 7]
