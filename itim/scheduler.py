"""Celery's scheduler, which also leaves a sign of life for /readyz."""

import time
from typing import Any

from celery.beat import PersistentScheduler

from itim import heartbeat


class Scheduler(PersistentScheduler):
    shown_at = float("-inf")

    def tick(self, *args: Any, **options: Any) -> float:
        if time.monotonic() - self.shown_at >= heartbeat.INTERVAL:
            self.shown_at = time.monotonic()
            heartbeat.sign_of_life("beat")
        wait: float = super().tick(*args, **options)
        return min(wait, heartbeat.INTERVAL)
