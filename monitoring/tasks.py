"""When: each task calls an action and little more."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutdown

from monitoring import claims, polling


@shared_task
def poll_due() -> int:
    """Claim due checks and hand them to the pollers' queues; returns how many messages were sent."""
    found = claims.claim()
    sent = 0
    for batch in claims.batches(found, claims.waiting(list(found))):
        poll_batch.apply_async([batch.check_ids], queue=batch.queue, expires=25, retry=False)
        sent += 1
    return sent


@shared_task(acks_late=False)
def poll_batch(check_ids: list[int]) -> None:
    """Start these checks here; the leases, not the message, bring them back when this process dies."""
    polling.poll(check_ids)


@worker_process_shutdown.connect
@worker_shutdown.connect
def finish_polls(**_: Any) -> None:
    polling.finish()
