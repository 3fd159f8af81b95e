"""Which checks are due: claimed with a lease, spread over their interval, handed out in batches."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F

from monitoring.models import Check, Poller

BATCH = 250  # checks a message
WAITING = 40  # messages a queue may hold; runs beyond that are left out and counted
MOST = 20_000  # checks claimed in one go

# A check starts at a moment of its interval that a hash of its id picks. Its lease ends with the time: a
# run whose worker died is due again then. A next run more than an interval away, or a lease that is longer
# than any, comes from before the clock was set back.
CLAIM = """
WITH due AS (
    SELECT c.id
    FROM monitoring_check c JOIN inventory_device d ON d.id = c.device_id
    WHERE c.enabled AND NOT c.passive AND d.status IN ('active', 'maintenance')
      AND (
          c.lease_until NOT BETWEEN now() AND now() + make_interval(secs => 300)
          OR c.lease_until IS NULL AND (
              c.next_run IS NULL
              OR c.next_run NOT BETWEEN now() AND now() + make_interval(secs => c.interval + 1)
          )
      )
    ORDER BY c.next_run NULLS FIRST
    LIMIT %s
    FOR UPDATE OF c SKIP LOCKED
)
UPDATE monitoring_check c
SET lease_until = now() + make_interval(secs => least(greatest(c.interval, 30), 300)),
    next_run = to_timestamp(
        (floor((extract(epoch FROM now()) - s.shift) / c.interval) + 1) * c.interval + s.shift
    )
FROM due, LATERAL (
    SELECT ((due.id * 2654435761) %% 4294967296)::float8 / 4294967296 * x.interval AS shift
    FROM monitoring_check x WHERE x.id = due.id
) s
WHERE c.id = due.id
RETURNING c.id, c.poller
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message's worth of checks for the workers of one poller."""

    poller: str
    check_ids: list[int]

    @property
    def queue(self) -> str:
        return queue_name(self.poller)


def queue_name(poller: str) -> str:
    return f"poll.{poller}"


def discovery_queue(poller: str) -> str:
    """Discovery has a line of its own: a thousand new devices must not take the place of polls."""
    return f"discover.{poller}"


def claim(limit: int = MOST) -> dict[str, list[int]]:
    """Due checks by poller. Whoever claims first has them; until their lease ends nobody else gets them."""
    found: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [limit])
        for check_id, poller in cursor.fetchall():
            found[poller].append(check_id)
    return dict(found)


def waiting(pollers: list[str]) -> dict[str, int]:
    """Messages that wait in each poller's queue."""
    return lengths({poller: queue_name(poller) for poller in pollers})


def lengths(queues: dict[str, str]) -> dict[str, int]:
    """Messages that wait in queues, by the same keys."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return {key: int(client.llen(name)) for key, name in queues.items()}


def batches(found: dict[str, list[int]], held: dict[str, int]) -> Iterator[Claimed]:
    """Messages to send, as many as each queue has room for; the rest of the runs is left out and counted."""
    for poller, check_ids in found.items():
        room = max(0, WAITING - held.get(poller, 0)) * BATCH
        for at in range(0, min(room, len(check_ids)), BATCH):
            yield Claimed(poller, check_ids[at : min(at + BATCH, room)])
        if left := check_ids[room:]:
            skip(poller, left)


def skip(poller: str, check_ids: list[int]) -> None:
    """These runs are not made: the next ones come at their time."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE monitoring_check SET lease_until = NULL WHERE id = ANY(%s)", [check_ids])
    row, _ = Poller.objects.get_or_create(name=poller)
    Poller.objects.filter(pk=row.pk).update(skipped_runs=F("skipped_runs") + len(check_ids))


def leave_out(check_ids: list[int]) -> None:
    """These runs had their turn too late: counted, and made again at their time."""
    found: dict[str, list[int]] = defaultdict(list)
    for check_id, poller in Check.objects.filter(pk__in=check_ids).values_list("pk", "poller"):
        found[poller].append(check_id)
    for poller, ids in found.items():
        skip(poller, ids)
