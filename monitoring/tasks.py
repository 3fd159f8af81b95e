"""When: each task calls an action and little more."""

import time
from typing import Any

from celery import shared_task
from celery.signals import task_revoked, worker_process_shutdown, worker_shutdown

from monitoring import claims, discovery, polling, tops, trends, trials, upkeep
from monitoring.alerting import actions as alerts
from monitoring.alerting import delivery
from monitoring.alerting import dispatch as dispatcher
from monitoring.store import partitions, rollups


@shared_task
def poll_due() -> int:
    """Claim due checks and hand them to the pollers' queues; returns how many messages were sent."""
    found = claims.claim()
    sent = 0
    for batch in claims.batches(found, claims.waiting(list(found))):
        poll_batch.apply_async([batch.check_ids, batch.poller], queue=batch.queue, expires=25, retry=False)
        sent += 1
    return sent


@shared_task(acks_late=False)
def poll_batch(check_ids: list[int], poller: str = "default") -> None:
    """Start these checks here; the leases, not the message, bring them back when this process dies."""
    polling.poll(check_ids, poller)


@task_revoked.connect(sender=poll_batch)
def leave_out_expired(request: Any = None, expired: bool = False, **_: Any) -> None:
    """A message that nobody took in time: its runs are left out, and counted."""
    if expired:
        claims.leave_out(request.args[0])


@shared_task
def discover_due() -> int:
    """Hand devices that should be looked at to their pollers; returns how many."""
    found = discovery.claim()
    for check_id, poller in found:
        discover.apply_async([check_id], queue=claims.discovery_queue(poller), expires=300, retry=False)
    return len(found)


@shared_task(acks_late=False)
def discover(check_id: int) -> None:
    """A look at a device takes seconds to minutes: it must hold no thread that starts polls."""
    discovery.start(check_id)


@shared_task
def watch() -> None:
    """Silence, and alerts whose cause is gone."""
    upkeep.find_silence(since=upkeep.watching_since(time.time()))
    upkeep.close_orphans()


@shared_task
def add_missing_checks() -> int:
    return upkeep.add_missing_checks()


@shared_task
def summarize() -> int:
    """What stands highest now, for the overview and the rankings."""
    return tops.refresh()


@shared_task
def foresee() -> int:
    """When what fills up will be full, by the last week's line."""
    return trends.foresee()


@shared_task
def roll_up() -> int:
    return rollups.roll_up(time.time())


@shared_task
def keep_house() -> None:
    """Partitions ahead of time, and away when retention ends."""
    partitions.ensure_ahead()
    partitions.drop_old()
    upkeep.forget_deleted()


@shared_task
def dispatch() -> int:
    """Decide who hears of what happened to alerts; what is due goes out at once."""
    done = dispatcher.dispatch()
    if done:
        deliver.apply_async(expires=60, retry=False)
    if done >= dispatcher.MOST:
        dispatch.apply_async(expires=60, retry=False)
    return done


@shared_task
def deliver() -> int:
    return delivery.deliver()


@shared_task
def remind() -> int:
    return dispatcher.remind()


@shared_task
def wake_snoozed() -> int:
    return alerts.wake_snoozed()


@shared_task
def run_check(check_id: int, key: str) -> None:
    trials.run_check(check_id, key)


@shared_task
def test_channel(channel_id: int, key: str) -> None:
    trials.test_channel(channel_id, key)


@worker_process_shutdown.connect
@worker_shutdown.connect
def finish_polls(**_: Any) -> None:
    polling.finish()
