"""SNMP discovery: what a device is and holds goes to the inventory, what can be polled to its check."""

import asyncio
import dataclasses
import logging
from datetime import timedelta
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from core import history
from monitoring import actions, claims, facts, jobs, neighbors
from monitoring.crew import Crew
from monitoring.facts import DeviceFacts, PortFact
from monitoring.models import Check
from probes.snmp import found as findings
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.discover import discover
from probes.snmp.errors import SnmpError
from probes.snmp.found import Found
from probes.snmp.interfaces import tidy, unique
from probes.snmp.poll import SnmpOptions

log = logging.getLogger(__name__)
BUDGET = 240.0  # seconds that one discovery may take
AGAIN_DAYS = 1
RETRY_MINUTES = 10
SETTLE = timedelta(minutes=10)  # between two looks at a device that changes
AT_ONCE = 50  # checks claimed in one go
WAITING = 100  # messages that a discovery queue may hold

CLAIM = """
WITH due AS (
    SELECT c.id FROM monitoring_check c JOIN inventory_device d ON d.id = c.device_id
    WHERE c.kind = 'snmp' AND c.enabled AND d.status IN ('active', 'maintenance')
      AND c.poller = %s AND (c.next_discovery IS NULL OR c.next_discovery <= now())
    ORDER BY c.next_discovery NULLS FIRST
    LIMIT %s
    FOR UPDATE OF c SKIP LOCKED
)
UPDATE monitoring_check c SET next_discovery = now() + make_interval(mins => %s)
FROM due WHERE c.id = due.id
RETURNING c.id, c.poller
"""


POLLERS = """
SELECT DISTINCT c.poller FROM monitoring_check c
WHERE c.kind = 'snmp' AND c.enabled AND (c.next_discovery IS NULL OR c.next_discovery <= now())
"""


class DiscoveryError(Exception):
    """The device could not be asked; the text says why."""


def claim(limit: int = AT_ONCE) -> list[tuple[int, str]]:
    """Checks (id, poller) whose device should be looked at now. They are due again soon if nobody does.

    `limit` of each poller: one that nobody works for must not keep the others' devices waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(POLLERS)
        pollers = [name for (name,) in cursor.fetchall()]
        held = claims.lengths({name: claims.discovery_queue(name) for name in pollers})
        found: list[tuple[int, str]] = []
        for name in pollers:
            if (room := min(limit, WAITING - held[name])) > 0:
                cursor.execute(CLAIM, [name, room, RETRY_MINUTES])
                found += cursor.fetchall()
    return found


def start(check_id: int) -> None:
    """Take this check's device on in this process; with no hand free it is due again at once."""
    if not crew.submit(check_id):
        Check.objects.filter(pk=check_id).update(next_discovery=None)


def run(check_id: int) -> Found | None:
    """Discover the device of this check and write down what was found; None when it does not answer."""
    check = Check.objects.select_related("device__credential", "credential").get(pk=check_id)
    try:
        found = asyncio.run(ask(jobs.job_of(check)))
    except DiscoveryError as error:
        log.info("discovery of %s: %s", check.device, error)
        return None
    save(check, found)
    return found


crew = Crew(run)


async def ask(job: jobs.Job) -> Found:
    """Ask the device; DiscoveryError when it cannot be asked or says nothing."""
    if job.error or job.target is None:
        raise DiscoveryError(job.error)
    options: Any = job.options
    settings = SnmpSettings(options.port, options.timeout, options.retries, options.max_repetitions)
    login: Any = job.credential
    try:
        async with asyncio.timeout(BUDGET), SnmpClient(job.target, login, settings) as client:
            found = await discover(client)
    except (TimeoutError, SnmpError) as error:
        raise DiscoveryError(str(error) or f"not done within {BUDGET:.0f} s") from error
    if not found.device.sysObjectID and not found.device.sysDescr and not found.ports:
        raise DiscoveryError("no answer")
    return found


@transaction.atomic
def save(check: Check, found: Found) -> None:
    """Facts to the inventory, points to the check's plan."""
    with history.context(source="task", why="discovery"):
        device = facts.save(check.device, facts_of(found))
    neighbors.save(device, found.links)
    if device.platform_id != check.device.platform_id:
        actions.apply_defaults([device])
    now = timezone.now()
    plan = dict(check.plan)
    points = SnmpOptions.from_dict({"points": findings.points(found)}).to_dict()["points"]
    if plan.get("points") != points:
        # updated_at tells every worker that what it remembers of the options is old
        Check.objects.filter(pk=check.pk).update(plan={**plan, "points": points}, updated_at=now)
    Check.objects.filter(pk=check.pk).update(next_discovery=now + timedelta(days=AGAIN_DAYS))


def facts_of(found: Found) -> DeviceFacts:
    device = found.device
    return DeviceFacts(
        serial=device.serial or "",
        os_version=" ".join(filter(None, (device.os_text or device.os, device.version))),
        vendor=device.vendor or "",
        model=device.hardware or "",
        platform_key=device.os or "",
        platform_name=device.os_text or "",
        ports=_ports(found),
    )


def _ports(found: Found) -> list[PortFact]:
    """Interfaces under the names that polling gives them."""
    texts = [
        tidy(port.ifName or "") or tidy(port.ifDescr or "") or f"if{port.ifIndex}" for port in found.ports
    ]
    names = unique([str(port.ifIndex) for port in found.ports], texts)
    addresses: dict[int | None, list[str]] = {}
    for address in (*found.ipv4, *found.ipv6):
        addresses.setdefault(address.ifIndex, []).append(f"{address.address}/{address.prefixlen}")
    return [
        PortFact(
            name=name,
            alias=port.ifAlias or "",
            type=port.ifType,
            if_index=port.ifIndex,
            mac=port.ifPhysAddress,
            speed=port.ifSpeed,
            mtu=port.ifMtu,
            admin_up=None if port.ifAdminStatus is None else port.ifAdminStatus == "up",
            oper_up=None if port.ifOperStatus is None else port.ifOperStatus == "up",
            addresses=addresses.get(port.ifIndex, []),
        )
        for name, port in zip(names, found.ports, strict=True)
    ]


def again_after_change(check_ids: set[int]) -> None:
    """What started anew or has other interfaces may hold other parts: look again, as soon as SETTLE allows.

    A device that changes at every poll is looked at once in that time, no more.
    """
    if check_ids:
        soonest = Greatest(TransactionNow(), F("next_discovery") - timedelta(days=AGAIN_DAYS) + SETTLE)
        rows = Check.objects.filter(pk__in=check_ids, kind="snmp")
        rows.filter(next_discovery__gt=TransactionNow() + SETTLE).update(next_discovery=soonest)


def after_first_answer(check_ids: set[int]) -> None:
    """What could not be discovered while it was silent is looked at soon after it speaks.

    A minute leaves time to a discovery at work just now: when that one succeeds, the next is a day away.
    """
    if check_ids:
        soon = timezone.now() + timedelta(minutes=1)
        rows = Check.objects.filter(pk__in=check_ids, kind="snmp", plan__points__isnull=True)
        rows.filter(next_discovery__gt=soon).update(next_discovery=soon)


def describe(found: Found) -> dict[str, int]:
    """How many of each were found, for people."""
    lists = {item.name: getattr(found, item.name) for item in dataclasses.fields(found)}
    return {name: len(value) for name, value in lists.items() if isinstance(value, list) and value}
