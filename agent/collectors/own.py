"""What the agent itself costs and holds back."""

import os
import time
from pathlib import Path

import psutil

from agent.collectors.part import Part, percent, scalar

ROLLUP = Path("/proc/self/smaps_rollup")


def proportional_size(rollup: str) -> int | None:
    """Bytes of PSS in a smaps_rollup (proc(5)): shared pages counted by their share."""
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return None


def memory() -> int:
    """PSS where the kernel tells it, else the resident size, in bytes."""
    try:
        size = proportional_size(ROLLUP.read_text())
    except (OSError, ValueError, IndexError):
        size = None
    return size or psutil.Process().memory_info().rss


def cpu_seconds() -> float:
    """CPU time of this process and the programs that it ran."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Collector:
    """CPU in percent of one core since the reading before."""

    def __init__(self) -> None:
        self._cpu, self._at = cpu_seconds(), time.monotonic()

    def read(self) -> Part:
        cpu, at = cpu_seconds(), time.monotonic()
        usage = percent(cpu - self._cpu, at - self._at)
        self._cpu, self._at = cpu, at
        return Part([scalar("agent.cpu", usage), scalar("agent.memory", memory())], {})
