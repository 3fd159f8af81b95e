"""Celery's scheduler, which also leaves a sign of life for /readyz, and bears a clock that is set back."""

import time
from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

from itim import heartbeat

TREMBLE = timedelta(seconds=1)  # by which clocks are set back all the time


class Scheduler(PersistentScheduler):
    shown_at = float("-inf")

    def tick(self, *args: Any, **options: Any) -> float:
        if time.monotonic() - self.shown_at >= heartbeat.INTERVAL:
            self.shown_at = time.monotonic()
            heartbeat.sign_of_life("beat")
        self.leave_the_future()
        wait: float = super().tick(*args, **options)
        return min(wait, heartbeat.INTERVAL)

    def leave_the_future(self) -> None:
        """What seems to have run in the future is counted from now: else nothing runs until that time comes.

        Machines start with a wrong clock and are put right minutes later; so are those that were asleep.
        """
        for entry in self.schedule.values():
            if entry.last_run_at > entry.default_now() + TREMBLE:
                entry.last_run_at = entry.default_now()
                self._heap = None  # it is sorted by times of then
