"""A worker process's poller: one event loop in a thread runs checks, another thread ingests what they read.

A task only feeds it: dead devices wait here for their time-outs, and hold up nobody but themselves. What a
killed process had in hand is due again when the leases end.
"""

import asyncio
import logging
import os
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from monitoring import claims, jobs, pollers
from monitoring.discovery import after_first_answer, again_after_change
from monitoring.ingest import Report, SweepInput, ingest
from monitoring.jobs import Job
from probes.kinds import Kind
from probes.options import Options
from probes.readings import Readings

try:
    from uvloop import new_event_loop
except ImportError:  # Windows
    from asyncio import new_event_loop

log = logging.getLogger(__name__)
IN_FLIGHT = 1500  # checks a process has in hand at most, from start to stored
CHUNK = 250  # sweeps stored in one transaction
PATIENCE = 0.25  # seconds that a first sweep waits for others
STORE_TRIES = 8  # over about a minute: PostgreSQL may be starting again
RESERVE = 2.0  # seconds of the lease left for storing
LEAST = 10.0  # seconds of the lease that a run must have left: cut short, it would call a well device down

Sink = Callable[[list[SweepInput]], object]


class Poller:
    """Takes jobs, gives sweeps to `sink` in chunks."""

    def __init__(self, sink: Sink, in_flight: int = IN_FLIGHT) -> None:
        self._sink = sink
        self._room = threading.BoundedSemaphore(in_flight)
        self._count = 0
        self._idle = threading.Condition()
        self._results: queue.SimpleQueue[SweepInput] = queue.SimpleQueue()
        self._loop = new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        for name, work in (("poll", self._run_loop), ("ingest", self._run_sink)):
            threading.Thread(target=work, name=name, daemon=True).start()

    def submit(self, work: Sequence[Job]) -> list[Job]:
        """Start these runs; waits while too many are in hand. Returns those that had to wait for too long."""
        together: dict[tuple[Kind, Options | None], list[Job]] = defaultdict(list)
        late = []
        for job in work:
            if not self._room.acquire(blocking=False):
                self._start_all(together)  # whoever waits for room must hold none back
                self._room.acquire()
            if job.until - time.time() < LEAST:
                self._room.release()
                late.append(job)
                continue
            with self._idle:
                self._count += 1
            if job.kind and job.kind.collect_many:
                together[job.kind, job.options].append(job)
            else:
                self._loop.call_soon_threadsafe(self._start, [job])
        self._start_all(together)
        return late

    def _start_all(self, together: dict[tuple[Kind, Options | None], list[Job]]) -> None:
        """Runs of equal options at one go: a slow one must not use up the time of quick ones."""
        for group in together.values():
            self._loop.call_soon_threadsafe(self._start, group)
        together.clear()

    def wait(self, seconds: float) -> bool:
        """Until nothing is in hand; False when the time is over before."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._count, seconds)

    # in the loop's thread

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _start(self, group: list[Job]) -> None:
        task = self._loop.create_task(self._run(group))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, group: list[Job]) -> None:
        at = time.time()
        seconds = min(job.until for job in group) - at - RESERVE
        try:
            async with asyncio.timeout(seconds):
                found = await collect(group)
        except TimeoutError:
            found = [Readings(error=f"not done within {seconds:.0f} s", duration=seconds)] * len(group)
        except Exception as error:
            log.exception("probe %s failed", group[0].kind and group[0].kind.name)
            found = [Readings(error=f"internal error: {type(error).__name__}")] * len(group)
        for job, readings in zip(group, found, strict=True):
            self._results.put(SweepInput(job.check_id, at, readings))

    # in the sink's thread

    def _run_sink(self) -> None:
        while True:
            chunk = self._next_chunk()
            try:
                self._sink(chunk)
            except Exception:
                log.exception("%d sweeps are lost", len(chunk))
            finally:
                with self._idle:
                    self._count -= len(chunk)
                    self._idle.notify_all()
                self._room.release(len(chunk))

    def _next_chunk(self) -> list[SweepInput]:
        chunk = [self._results.get()]
        deadline = time.monotonic() + PATIENCE
        while len(chunk) < CHUNK:
            try:
                chunk.append(self._results.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
        return chunk


async def collect(group: list[Job]) -> list[Readings]:
    """Run jobs of one kind; one that cannot be run says why."""
    job = group[0]
    if job.kind is None or job.target is None:
        return [Readings(error=job.error)]
    if len(group) > 1 and job.kind.collect_many:
        return await job.kind.collect_many([(one.target, one.options, one.credential) for one in group])
    return [await job.kind.collect(job.target, job.options, job.credential)]


def store_chunk(chunk: list[SweepInput]) -> Report | None:
    """Ingest; tries on while the database is away. What breaks the batch is lost alone, and counted."""
    for attempt in range(STORE_TRIES):
        close_old_connections()
        try:
            report = ingest(chunk)
            again_after_change(report.rebooted | report.reshaped)
            after_first_answer(report.first)
            pollers.write_losses()
            return report
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if attempt == STORE_TRIES - 1:
                pollers.lose(sweep.check_id for sweep in chunk)
                raise
            log.warning("cannot store %d sweeps yet: %s", len(chunk), str(error).strip())
            time.sleep(min(0.25 * 2**attempt, 15))
        except Exception:
            if len(chunk) == 1:
                log.exception("the sweep of check %d cannot be stored", chunk[0].check_id)
                pollers.lose([chunk[0].check_id])
                return None
            break
    middle = len(chunk) // 2
    store_chunk(chunk[:middle])
    return store_chunk(chunk[middle:])


_lock = threading.Lock()
_poller: tuple[int, Poller] | None = None


def poller() -> Poller:
    """This process's poller; a forked child makes its own."""
    global _poller
    with _lock:
        if _poller is None or _poller[0] != os.getpid():
            _poller = (os.getpid(), Poller(store_chunk))
        return _poller[1]


def poll(check_ids: Sequence[int], name: str = "default") -> None:
    """Start the runs of these claimed checks of the poller `name` in this process."""
    pollers.alive(name)
    if late := poller().submit(jobs.load(check_ids)):
        claims.leave_out([job.check_id for job in late])


def finish(seconds: float = 3.0) -> None:
    """Before the process ends: let what is nearly done be stored."""
    if _poller is not None and _poller[0] == os.getpid():
        _poller[1].wait(seconds)
