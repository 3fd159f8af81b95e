"""Processes: how many, the five that take most, and how many of each watched name.

Reading every process is what an agent's cycle costs. On Linux one file a process is read, /proc/PID/stat
(proc(5)), which holds all that is needed; psutil serves the other systems.
"""

import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import psutil

from agent.collectors.part import Part, scalar
from probes.readings import Column

TOP = 5
NOTEWORTHY = 0.05  # percent
COMM_LENGTH = 15  # the kernel cuts names to so many bytes
ZOMBIE = "Z"


class Process(NamedTuple):
    pid: int
    name: str
    state: str  # proc(5)'s letter; "" where unknown
    started: float  # any unit: tells two processes of one pid apart
    cpu: float  # seconds
    memory: int  # resident bytes
    threads: int


class Share(NamedTuple):
    name: str
    pid: int
    percent: float


def parse_stat(line: bytes, ticks: int, page: int) -> Process:
    """One /proc/PID/stat; the name may itself hold blanks and brackets. Raises ValueError, IndexError."""
    opening, closing = line.index(b"("), line.rindex(b")")
    rest = line[closing + 2 :].split(None, 22)
    return Process(
        pid=int(line[:opening]),
        name=line[opening + 1 : closing].decode(errors="replace"),
        state=rest[0].decode(errors="replace"),
        started=int(rest[19]),
        cpu=(int(rest[11]) + int(rest[12])) / ticks,
        memory=int(rest[21]) * page,
        threads=int(rest[17]),
    )


def whole_name(cut: str, command_line: bytes) -> str:
    """The name behind one that the kernel cut, by the command line's first word."""
    first = command_line.split(b"\0", 1)[0].decode(errors="replace").rpartition("/")[2]
    return first if first.startswith(cut) else cut


def by_cpu(before: Mapping[int, tuple[float, float]], now: Iterable[Process], elapsed: float) -> list[Share]:
    """The busiest, in percent of one core. A process without a past began in between."""
    shares = []
    for process in now:
        started, cpu = before.get(process.pid, (None, 0.0))
        spent = process.cpu - cpu if started == process.started else process.cpu
        if spent > 0 and elapsed > 0:
            shares.append(Share(process.name, process.pid, 100.0 * spent / elapsed))
    return sorted(shares, key=lambda share: -share.percent)[:TOP]


def by_memory(now: Iterable[Process], total: int) -> list[Share]:
    """The largest, in percent of the machine's memory."""
    largest = sorted(now, key=lambda process: -process.memory)[:TOP]
    return [
        Share(process.name, process.pid, 100.0 * process.memory / total)
        for process in largest
        if process.memory and total
    ]


def columns(now: Iterable[Process], watched: Iterable[str]) -> list[Column]:
    """All processes as instance "", then each watched name (0 when none runs), zombies, threads."""
    names: dict[str, int] = {}
    count = zombies = threads = 0
    for process in now:
        count += 1
        threads += process.threads
        if process.state == ZOMBIE:
            zombies += 1
        else:
            names[process.name] = names.get(process.name, 0) + 1
    wanted = tuple(dict.fromkeys(name for name in watched if name))
    counts = [count, *(names.get(name, 0) for name in wanted)]
    return [
        Column("process.count", ("", *wanted), counts),
        scalar("process.zombies", zombies),
        scalar("process.threads", threads),
    ]


def line(shares: Iterable[Share]) -> str:
    """For people: "postgres[812] 12.5 %, …"."""
    return ", ".join(
        f"{share.name}[{share.pid}] {share.percent:.1f} %" for share in shares if share.percent >= NOTEWORTHY
    )


def from_proc(root: Path = Path("/proc")) -> list[Process]:
    """All processes; those that end while we look are left out."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    found = []
    for entry in os.listdir(root):  # noqa: PTH208 - names alone: no Path for each process
        if not entry.isdecimal():
            continue
        try:
            process = parse_stat(_content(f"{root}/{entry}/stat"), ticks, page)
            if len(process.name) >= COMM_LENGTH:
                name = whole_name(process.name, _content(f"{root}/{entry}/cmdline"))
                process = process._replace(name=name)
        except (OSError, ValueError, IndexError):
            continue
        found.append(process)
    return found


def _content(path: str) -> bytes:
    """Without Python's buffering: a third less work for files of one line."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def from_psutil() -> list[Process]:
    """All processes where there is no /proc; 0 for what may not be read."""
    found = []
    attributes = ["name", "status", "create_time", "cpu_times", "memory_info", "num_threads"]
    for process in psutil.process_iter(attributes):
        info = process.info
        cpu, memory = info["cpu_times"], info["memory_info"]
        found.append(
            Process(
                process.pid,
                info["name"] or "?",
                ZOMBIE if info["status"] == psutil.STATUS_ZOMBIE else "",
                info["create_time"] or 0.0,
                cpu.user + cpu.system if cpu else 0.0,
                memory.rss if memory else 0,
                info["num_threads"] or 0,
            )
        )
    return found


class Collector:
    """Remembers each process's CPU time. `watched` may be replaced between readings."""

    def __init__(self, watched: Iterable[str] = ()) -> None:
        self.watched = tuple(watched)
        self._total = psutil.virtual_memory().total
        self._remember(self._all())

    def _all(self) -> list[Process]:
        return from_proc() if sys.platform == "linux" else from_psutil()

    def _remember(self, processes: Iterable[Process]) -> None:
        self._before = {process.pid: (process.started, process.cpu) for process in processes}
        self._at = time.monotonic()

    def read(self) -> Part:
        now = self._all()
        busiest = by_cpu(self._before, now, time.monotonic() - self._at)
        self._remember(now)
        notes = {"top.cpu": line(busiest), "top.memory": line(by_memory(now, self._total))}
        return Part(columns(now, self.watched), notes)
