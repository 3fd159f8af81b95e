"""The agent's life: read, keep, wake the sender; until told to stop."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable

from agent.census import Census
from agent.client import Client, Unwelcome
from agent.collect import Machine, sweep
from agent.collectors.part import scalar
from agent.journal import Journal
from agent.problem import REFUSED, Problem
from agent.sender import Mailbox, Sender
from agent.spool import Spool
from agent.state import Config, Identity, State, merged
from probes.readings import Readings

BASELINE = 1.0  # seconds between the first look and the first reading: shares need two looks


def next_time(planned: float, now: float, interval: float) -> float:
    """When to read next: in step with the plan, leaving out what was missed (asleep, busy)."""
    planned += interval
    return planned if planned > now else now + interval


class Runner:
    """One agent on one machine. `stop` may be set by a signal or another thread."""

    def __init__(self, state: State, identity: Identity, journal: Journal, stop: threading.Event) -> None:
        self._state, self._journal, self._stop = state, journal, stop
        self._config = state.config()
        self._mailbox = Mailbox()
        self._machine = Machine(self._config.processes)
        try:
            self._spool = Spool(state.folder / "spool")
        except OSError as error:
            raise Problem(f"the spool in {state.folder} cannot be used: {error}") from error
        self._census = Census(state, self._mailbox, journal)
        self._sender = Sender(
            Client(identity.server, identity.ca),
            identity.key,
            self._spool,
            self._mailbox,
            journal,
            self._census.delivered,
        )

    def run(self, interval: float | None = None, cycles: int = 0) -> None:
        """Reads every `interval` seconds (else as the server wants), `cycles` times or until stopped.

        Raises Problem when the server revoked the key.
        """
        thread = threading.Thread(target=self._sender.run, args=(self._stop.set,), daemon=True)
        thread.start()
        self._census.look(time.monotonic())
        planned = time.monotonic() + BASELINE
        done = 0
        while not self._stop.wait(max(0.0, planned - time.monotonic())):
            self._cycle()
            done += 1
            if done == cycles:
                break
            planned = next_time(planned, time.monotonic(), interval or self._config.interval)
        self._sender.stop()
        thread.join(1.0)
        self._raise_if_revoked()

    def once(self) -> bool:
        """One reading, delivered now; False when the server is away (the reading waits in the spool)."""
        self._census.look(time.monotonic())
        self._stop.wait(BASELINE)
        self._keep_reading()
        try:
            done = self._sender.deliver()
        except Unwelcome as error:
            self._sender.revoked = str(error)
            self._raise_if_revoked()
            return False
        self._apply_config()
        return done

    def _cycle(self) -> None:
        self._apply_config()
        self._census.look(time.monotonic())
        self._keep_reading()
        self._sender.wake()

    def _keep_reading(self) -> None:
        at = time.time()
        readings = self._machine.read()
        self._spool.append(sweep(self._with_own_state(readings), at))
        if self._spool.trouble:
            text = f"readings cannot be kept on disk: {self._spool.trouble}; the newest wait in memory"
            self._journal.trouble("spool", text)
        else:
            self._journal.over("spool", "readings are kept on disk again")

    def _with_own_state(self, readings: Readings) -> Readings:
        lost = self._spool.dropped + self._sender.lost
        readings.columns.append(scalar("agent.spool", self._spool.waiting()))
        readings.columns.append(scalar("agent.lost", lost))
        return readings

    def _apply_config(self) -> None:
        with self._mailbox.lock:
            told, self._mailbox.config = self._mailbox.config, None
        config: Config = merged(self._config, told)
        if config == self._config:
            return
        self._config = config
        self._machine.processes.watched = config.processes
        self._journal.say(f"the server wants a reading every {config.interval} s")
        with contextlib.suppress(OSError):  # the server tells it again after a restart
            self._state.save_config(config)

    def _raise_if_revoked(self) -> None:
        if self._sender.revoked:
            text = f"the server no longer accepts this agent's key: {self._sender.revoked}"
            raise Problem(text, REFUSED)


def stop_at_signals(stop: threading.Event) -> None:
    """SIGTERM and SIGINT end the agent after what it is doing."""
    handler: Callable[..., None] = lambda *_: stop.set()  # noqa: E731
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
