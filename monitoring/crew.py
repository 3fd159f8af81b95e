"""Long work beside the worker's own threads: a few hands of each process, and a short line before them.

A discovery takes seconds to minutes. Were it run by the thread that took the message, a few new devices would
hold all threads of a worker, and no poll would begin.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

log = logging.getLogger(__name__)
HANDS = 4
WAITING = 64


class Crew:
    """Does `work` for each number handed in, in threads of its own."""

    def __init__(self, work: Callable[[int], object], hands: int = HANDS, waiting: int = WAITING) -> None:
        self._work = work
        self._hands = hands
        self._line: queue.Queue[int] = queue.Queue(waiting)
        self._pid = 0
        self._lock = threading.Lock()

    def submit(self, number: int) -> bool:
        """Whether it is taken on; False when the line is full. Never waits."""
        self._begin()
        try:
            self._line.put_nowait(number)
        except queue.Full:
            return False
        return True

    def wait(self) -> None:
        """Until all that was taken on is done."""
        self._line.join()

    def _begin(self) -> None:
        """Threads do not survive a fork: each process has its own."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                for number in range(self._hands):
                    threading.Thread(target=self._run, name=f"crew-{number}", daemon=True).start()

    def _run(self) -> None:
        while True:
            number = self._line.get()
            close_old_connections()
            try:
                self._work(number)
            except Exception:
                log.exception("%s %d failed", getattr(self._work, "__name__", "work"), number)
            finally:
                connections.close_all()
                self._line.task_done()
