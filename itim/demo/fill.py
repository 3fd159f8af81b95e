"""Fill an empty installation with the company: rows, discovery, a month of history, an hour that was lived.

The last half hour goes the whole way: real polls over loopback of agents whose clock stands in the past,
through the ingest, with the rules at work. So alerts began when they would have.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from django.db import connection

from inventory.models import Device
from itim.demo import events, objects, past, simulator
from itim.demo.company import DEVICES
from monitoring import discovery, jobs, polling, tops, trends
from monitoring.ingest import SweepInput, ingest
from monitoring.jobs import Job
from monitoring.models import Check
from probes.readings import Readings

log = logging.getLogger(__name__)

LIVED_MINUTES: Final = 25
TIMES: Final = {"ping.rtt", "tcp.connect"}
Say = Callable[[str], object]


class NotEmpty(Exception):
    """The installation has devices already: the demonstration wants one of its own."""


def fill(say: Say, ports: tuple[int, int]) -> None:
    """Everything, in well under a minute. `ports`: the simulator's to come, and a free one until then."""
    if Device.objects.exists():
        raise NotEmpty("there are devices here already; the demonstration needs an empty ITIM_HOME")
    say("devices, people and services")
    checks = objects.make(ports[0])
    now = time.time() // 60 * 60
    clock = Clock(now - LIVED_MINUTES * 60)
    asyncio.run(_with_agents(checks, clock, ports[1], say, now))
    # the simulated servers' SSH and RDP listen where an ordinary user may
    Check.objects.filter(kind="tcp").update(options={"port": ports[0]})
    tops.refresh()
    trends.foresee()
    say("what people did")
    events.make(now)


class Clock:
    """The agents' time while the past is being made."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def _with_agents(checks: Sequence[Check], clock: Clock, port: int, say: Say, now: float) -> None:
    """Agents answer in this process, in the past, while another thread polls them."""
    ready = asyncio.Event()
    agents = [device for device in DEVICES if not device.down]
    serving = asyncio.create_task(simulator.serve(port, agents, ready, clock))
    await asyncio.wait({serving, asyncio.ensure_future(ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    try:
        await simulator.greet(port, agents)
        await asyncio.to_thread(_live, list(checks), clock, port, say, now)
    finally:
        serving.cancel()


def _live(checks: list[Check], clock: Clock, port: int, say: Say, now: float) -> None:
    say("discovery")
    alive = {device.name for device in DEVICES if not device.down}
    answering = [check for check in checks if check.device.name in alive]
    final = {check.pk: check.options for check in checks}
    for check in checks:
        check.options = {**check.options, "port": port, "retries": 2}
        Check.objects.filter(pk=check.pk).update(options=check.options)
    _discover(answering)
    steady = _steady(port)
    say("the last half hour")
    start = clock.now
    for minute in range(LIVED_MINUTES):
        clock.now = start + minute * 60
        _sweep(answering, [check for check in checks if check not in answering], steady, clock.now)
        if minute == 1:
            say("the month before")
            past.write([*answering, *(check for check, _ in steady)], start)
    for check in checks:
        Check.objects.filter(pk=check.pk).update(options=final[check.pk])


def _discover(checks: Sequence[Check]) -> None:
    """In a few threads, each with a connection of its own."""

    def one(check: Check) -> None:
        try:
            discovery.run(check.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(one, checks))


def _steady(port: int) -> list[tuple[Check, Readings]]:
    """What ping and TCP say of the devices: asked once, for three packets to everyone take seconds."""
    checks = Check.objects.filter(enabled=True).select_related("device")
    checks.filter(kind="tcp").update(options={"port": port})
    pings, ports = list(checks.filter(kind="ping")), list(checks.filter(kind="tcp"))
    found = asyncio.run(polling.collect([jobs.job_of(check) for check in pings]))
    found += asyncio.run(_collect([jobs.job_of(check) for check in ports]))
    return list(zip([*pings, *ports], found, strict=True))


def _trembling(readings: Readings, at: float) -> Readings:
    """The same times once more, up to a fifth longer or shorter as of `at`."""
    columns = [
        replace(
            column,
            values=[
                value if value is None or column.metric not in TIMES else value * _around(number, at)
                for number, value in enumerate(column.values)
            ],
        )
        for column in readings.columns
    ]
    return replace(readings, columns=columns, duration=readings.duration * _around(len(columns), at))


def _around(number: int, at: float) -> float:
    return random.Random(f"{number} {at}").uniform(0.8, 1.2)  # noqa: S311


def _sweep(
    answering: Sequence[Check], silent: Sequence[Check], steady: Sequence[tuple[Check, Readings]], at: float
) -> None:
    """One round of polls as of `at`, stored and evaluated as of then."""
    found = asyncio.run(_collect([jobs.job_of(check) for check in answering]))
    sweeps = [SweepInput(check.pk, at, one) for check, one in zip(answering, found, strict=True)]
    error = "no answer"
    sweeps += [SweepInput(check.pk, at, Readings(error=error, duration=1.0)) for check in silent]
    sweeps += [SweepInput(check.pk, at, _trembling(one, at + check.pk)) for check, one in steady]
    ingest(sweeps, now=at)


async def _collect(work: Sequence[Job]) -> list[Readings]:
    found = await asyncio.gather(*(polling.collect([job]) for job in work))
    return [readings for (readings,) in found]
