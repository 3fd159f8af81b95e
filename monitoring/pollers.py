"""Which pollers live, and what they lose: written by workers. monitoring.health says who is missing."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable

from django.db import DatabaseError, InterfaceError
from django.db.models import F
from django.utils import timezone

from monitoring.models import Check, Poller

log = logging.getLogger(__name__)
SAY_AGAIN = 15.0  # seconds between two signs of life of a process

_lock = threading.Lock()
_said: dict[str, float] = {}
_lost: Counter[int] = Counter()


def alive(name: str) -> None:
    """Somebody works for this poller at this moment; written at most every SAY_AGAIN seconds a process."""
    now = time.monotonic()
    with _lock:
        if now - _said.get(name, -SAY_AGAIN) < SAY_AGAIN:
            return
        _said[name] = now
    row, _ = Poller.objects.get_or_create(name=name)
    Poller.objects.filter(pk=row.pk).update(last_seen=timezone.now())


def lose(check_ids: Iterable[int]) -> None:
    """Count sweeps of these checks as lost, now or once the database is there again."""
    with _lock:
        _lost.update(check_ids)
    write_losses()


def write_losses() -> None:
    """Write what was counted while the database was away."""
    with _lock:
        counted = Counter(_lost)
        _lost.clear()
    if not counted:
        return
    try:
        _write(counted)
    except (DatabaseError, InterfaceError) as error:
        log.warning("%d lost sweeps are not counted yet: %s", counted.total(), str(error).strip())
        with _lock:
            _lost.update(counted)


def _write(counted: Counter[int]) -> None:
    pollers = dict(Check.objects.filter(pk__in=counted).values_list("pk", "poller"))
    totals: Counter[str] = Counter()
    for check_id, number in counted.items():
        totals[pollers.get(check_id, "default")] += number
    for name, number in totals.items():
        row, _ = Poller.objects.get_or_create(name=name)
        Poller.objects.filter(pk=row.pk).update(lost_sweeps=F("lost_sweeps") + number)
