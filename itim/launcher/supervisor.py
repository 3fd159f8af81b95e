"""Keeps child processes alive: starts, watches, restarts with back-off, passes their lines on, ends them all.

Everything happens in one thread, because the kernel ties a child's life to the thread that started it.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from itim.launcher.console import Console, Lines
from itim.launcher.process import LaunchProblem, kill_group

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds before a restart: doubled each time
STEADY = 60.0  # seconds after which a child counts as well again
GRACE = 3.0  # seconds that the children together get to end by themselves
TICK = 0.1


class Start(Protocol):
    def __call__(self, *, stdout: int, stderr: int) -> subprocess.Popen[bytes]: ...


@dataclass
class Service:
    """A child that should run until the end: how it starts, and what ends it politely."""

    name: str
    start: Start
    stop_signal: int = signal.SIGTERM
    before: Callable[[], object] | None = None  # servers: what every start but the first needs first
    once: bool = False  # it is meant to end by itself
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    failures: int = 0
    lines: Lines = field(default_factory=Lines)

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.returncode is None


class Interrupted(Exception):
    """A person, or the system, asked for the end."""


class Supervisor:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.services: list[Service] = []
        self.selector = selectors.DefaultSelector()
        self.asked = 0
        self.ending = False

    def __enter__(self) -> "Supervisor":
        read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self.selector.register(read, selectors.EVENT_READ, None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only wakes the loop
        return self

    def __exit__(self, *_: object) -> None:
        self.end_all()

    def note_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def run(self, service: Service) -> Service:
        """Start a service and keep it alive from now on."""
        self.services.append(service)
        self.start(service)
        return service

    def start(self, service: Service) -> None:
        service.restart_at = None
        service.started_at = time.monotonic()
        service.child = service.start(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if service.child.stdout:
            os.set_blocking(service.child.stdout.fileno(), False)
            self.selector.register(service.child.stdout, selectors.EVENT_READ, service)

    def wait(self, done: Callable[[], bool]) -> None:
        """Look after the children until `done()`; Interrupted when somebody asks for the end before."""
        while not done():
            if self.asked:
                raise Interrupted
            self.turn()

    def turn(self, patience: float = TICK) -> None:
        """One turn of the loop: pass lines on, see who ended, start again whose time has come."""
        for key, _ in self.selector.select(patience):
            if key.data is None:
                os.read(key.fd, 4096)
            else:
                self.pass_on(key.data)
        for service in self.services:
            if service.is_running and service.child and service.child.poll() is not None:
                self.ended(service)
            elif service.restart_at is not None and time.monotonic() >= service.restart_at:
                self.restart(service)

    def pass_on(self, service: Service) -> None:
        pipe = service.child.stdout if service.child else None
        if pipe is None:
            return
        try:
            data = os.read(pipe.fileno(), 65_536)
        except BlockingIOError:
            return
        lines = service.lines.feed(data) if data else service.lines.finish()
        for line in lines:
            self.console.line(service.name, line)
        if not data:
            self.selector.unregister(pipe)
            pipe.close()
            service.child.stdout = None  # type: ignore[union-attr]

    def ended(self, service: Service) -> None:
        """A child ended by itself: its whole group goes, and it comes again after a delay."""
        assert service.child
        code = service.child.returncode
        kill_group(service.child)
        self.drain(service)
        if self.ending or service.once:
            return
        if time.monotonic() - service.started_at > STEADY:
            service.failures = 0
        delay = min(FIRST_DELAY * 2**service.failures, LONGEST_DELAY)
        service.failures += 1
        service.restart_at = time.monotonic() + delay
        self.console.announce(service.name, f"ended {how(code)}; starts again in {delay:g} s")

    def drain(self, service: Service) -> None:
        """The last lines of a child that ended; a pipe kept open by a stranger is left after them."""
        for _ in range(16):
            if service.child is None or service.child.stdout is None:
                return
            self.pass_on(service)
        if service.child and service.child.stdout:
            self.selector.unregister(service.child.stdout)
            service.child.stdout.close()

    def restart(self, service: Service) -> None:
        try:
            if service.before:
                service.before()
            self.start(service)
        except (LaunchProblem, OSError) as problem:
            self.console.announce(service.name, f"cannot be started: {problem}")
            service.failures += 1
            delay = min(FIRST_DELAY * 2**service.failures, LONGEST_DELAY)
            service.restart_at = time.monotonic() + delay

    def end_all(self) -> None:
        """End what was started, last first: the parts of ITIM together, then the servers they use."""
        self.ending = True
        parts = [service for service in self.services if service.before is None]
        servers = [service for service in self.services if service.before is not None]
        self.end(parts, GRACE)
        self.end(servers, GRACE / 2)

    def end(self, services: Sequence[Service], grace: float) -> None:
        """Ask all at once, wait together, kill the rest; being asked for the end again means now."""
        asked = self.asked
        for service in services:
            service.restart_at = None
            if service.is_running and service.child:
                service.child.send_signal(service.stop_signal)
        deadline = time.monotonic() + grace
        while any(service.is_running for service in services):
            if time.monotonic() > deadline or self.asked > max(asked, 1):
                for service in services:
                    if service.is_running and service.child:
                        kill_group(service.child)
                        service.child.wait()
            self.turn(0.02)


def how(code: int) -> str:
    """A return code as a person says it."""
    return f"with {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
