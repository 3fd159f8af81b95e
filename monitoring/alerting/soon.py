"""Dispatching right after a transition instead of at beat's next tick."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

TASK = "monitoring.tasks.dispatch"


def dispatch_soon() -> None:
    """Once this transaction is committed, ask a worker to dispatch; without a broker beat asks anyway."""
    transaction.on_commit(_ask)


def _ask() -> None:
    try:
        current_app.send_task(TASK, expires=30, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("alerts wait for the next tick: %s", error)
