"""What changes monitoring: plain functions for pages, API, tasks and the launcher alike."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from core import history
from inventory.models import Device
from monitoring.agents import enrollment
from monitoring.models import Agent, Check

SNMP = {"snmp-community", "snmp-user"}
POLLED = (Device.Status.ACTIVE, Device.Status.MAINTENANCE)


def create_enroll_token(by: Any = None, description: str = "", hours: float = enrollment.HOURS) -> str:
    """A one-time token for one machine, valid for `hours`; it cannot be read again."""
    return enrollment.create_token(by, description, hours)


def enroll_token_for_this_machine() -> str:
    """A token for the agent that the launcher starts beside the server."""
    return enrollment.create_token(description="The server's own machine")


def default_kinds(device: Device) -> list[str]:
    """Which checks a device gets by itself: ping where it has an address, SNMP where it has such a login."""
    if not device.address or device.status not in POLLED:
        return []
    kinds = ["ping"]
    if device.credential and device.credential.kind in SNMP:
        kinds.append("snmp")
    return kinds


@transaction.atomic
def apply_defaults(devices: Sequence[Device]) -> list[Check]:
    """Give devices the checks that fit them and that they never had; returns the new ones.

    A check that somebody disabled stays disabled; one that somebody deleted comes back only when the device's
    address, login or status changes.
    """
    prefetch_related_objects(devices, "credential")
    there = set(Check.objects.filter(device__in=devices).values_list("device_id", "kind"))
    missing = [
        Check(device=device, kind=kind)
        for device in devices
        for kind in default_kinds(device)
        if (device.pk, kind) not in there
    ]
    with history.context(source="task", why="default checks"):
        return Check.objects.bulk_create(missing, batch_size=1000)


def discover_soon(check: Check) -> None:
    """Let discovery look at the device again at the next opportunity."""
    Check.objects.filter(pk=check.pk).update(next_discovery=None)


def try_anew(checks: QuerySet[Check]) -> None:
    """Run these checks and look at their devices at the next opportunity, whatever their schedule says."""
    checks.update(updated_at=timezone.now())  # silence counts from here
    checks.filter(passive=False).update(next_run=None, next_discovery=None)


def revoke_agent(agent: Agent) -> None:
    """The agent's key opens nothing any more."""
    agent.enabled = False
    agent.save(update_fields=["enabled", "updated_at"])
