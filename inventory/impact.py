"""What hangs on what, followed through the whole graph of dependencies."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

# A node is a device's id or a service's, negative. UNION, not UNION ALL: a node that the same cause has
# reached is not followed again, so loops end.
REACHED = """
WITH RECURSIVE reached (node, cause) AS (
    SELECT id, id FROM unnest(%s::bigint[]) AS start (id)
    UNION
    SELECT e.node, r.cause
    FROM reached r
    CROSS JOIN LATERAL (
        SELECT coalesce(d.device_id, -d.service_id) AS node
        FROM inventory_dependency d WHERE r.node > 0 AND d.on_device_id = r.node
        UNION ALL
        SELECT coalesce(d.device_id, -d.service_id)
        FROM inventory_dependency d WHERE r.node < 0 AND d.on_service_id = -r.node
    ) e
)
SELECT -node, cause FROM reached WHERE node < 0
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
