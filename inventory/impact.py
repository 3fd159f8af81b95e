"""What hangs on what, followed through the whole graph of dependencies."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Q

Node = tuple[Literal["device", "service"], int]
DEEPEST = 16
MOST = 2000  # nodes of one reach

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


@dataclass(frozen=True, slots=True)
class Reach:
    """What one thing leads to along dependencies.

    `nodes` holds each thing once, the nearest first; `below` every step, `first` from where each was reached.
    """

    start: Node
    below: dict[Node, list[Node]]
    first: dict[Node, Node]
    nodes: list[Node]
    complete: bool

    def count(self, kind: str) -> int:
        return sum(node[0] == kind for node in self.nodes)


def reach(edges: Any, start: Node, *, down: bool) -> Reach:
    """Follow `edges` (a QuerySet of dependencies) from one thing: down to what needs it, or up to its needs.

    One query a level; loops end, and so does what is larger than MOST or deeper than DEEPEST.
    """
    below: dict[Node, list[Node]] = defaultdict(list)
    first: dict[Node, Node] = {start: start}
    level = [start]
    for _ in range(DEEPEST):
        pairs = _steps(edges, level, down=down)
        level = []
        for near, far in pairs:
            below[near].append(far)
            if far not in first:
                first[far] = near
                level.append(far)
        if not level or len(first) > MOST:
            break
    return Reach(start, dict(below), first, list(first)[1:], complete=not level)


def _steps(edges: Any, level: list[Node], *, down: bool) -> list[tuple[Node, Node]]:
    """The dependencies that begin at a level, as (from, to)."""
    near, far = ("on_", "") if down else ("", "on_")
    devices = [pk for kind, pk in level if kind == "device"]
    services = [pk for kind, pk in level if kind == "service"]
    rows = edges.filter(Q(**{f"{near}device__in": devices}) | Q(**{f"{near}service__in": services}))
    names = (f"{near}device_id", f"{near}service_id", f"{far}device_id", f"{far}service_id")
    found = rows.order_by("pk").values_list(*names)[: 2 * MOST]
    return [(_node(device, service), _node(other, through)) for device, service, other, through in found]


def _node(device: int | None, service: int | None) -> Node:
    return ("device", device) if device is not None else ("service", service or 0)
