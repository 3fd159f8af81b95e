"""What hangs on what, followed through the whole graph of dependencies."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

# UNION, not UNION ALL: a node that was reached by the same cause is not followed again, so loops end.
REACHED = """
WITH RECURSIVE reached (device_id, service_id, cause) AS (
    SELECT id, NULL::bigint, id FROM unnest(%s::bigint[]) AS start (id)
    UNION
    SELECT d.device_id, d.service_id, r.cause
    FROM reached r
    JOIN inventory_dependency d ON d.on_device_id = r.device_id OR d.on_service_id = r.service_id
)
SELECT DISTINCT service_id, cause FROM reached WHERE service_id IS NOT NULL
"""


def services_hit(device_ids: Iterable[int]) -> dict[int, set[int]]:
    """Services that need one of these devices, directly or through others: service id → ids of the causes."""
    ids = sorted(set(device_ids))
    found: dict[int, set[int]] = defaultdict(set)
    if not ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(REACHED, [ids])
        for service_id, cause in cursor.fetchall():
            found[service_id].add(cause)
    return found
