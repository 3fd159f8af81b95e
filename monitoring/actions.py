"""What changes monitoring: plain functions for pages, API, tasks and the launcher alike."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from core import history
from inventory.models import Device
from monitoring.agents import enrollment
from monitoring.defaults import Default, Identity, Traits, due, identity
from monitoring.models import Agent, Check

POLLED = (Device.Status.ACTIVE, Device.Status.MAINTENANCE)


def create_enroll_token(by: Any = None, description: str = "", hours: float = enrollment.HOURS) -> str:
    """A one-time token for one machine, valid for `hours`; it cannot be read again."""
    return enrollment.create_token(by, description, hours)


def enroll_token_for_this_machine() -> str:
    """A token for the agent that the launcher starts beside the server."""
    return enrollment.create_token(description="The server's own machine")


def default_checks(device: Device) -> list[Default]:
    """The checks that a device gets by itself; none without an address or out of service."""
    if not device.address or device.status not in POLLED:
        return []
    traits = Traits(
        device=device.role.kind if device.role else "",
        platform=device.platform.key if device.platform else "",
        login=device.credential.kind if device.credential else "",
    )
    return due(traits)


@transaction.atomic
def apply_defaults(devices: Sequence[Device]) -> int:
    """Give devices the checks that fit them and that they never had; returns how many are new.

    What somebody changed, renamed or switched off stays so, and what somebody deleted stays away: the history
    of checks tells what a device has ever had.
    """
    prefetch_related_objects(devices, "credential", "role", "platform")
    ever = _ever_had(devices)
    missing = [
        Check(device=device, kind=one.kind, name=one.name, interval=one.interval, options=dict(one.options))
        for device in devices
        for one in default_checks(device)
        if (device.pk, one.identity) not in ever
    ]
    with history.context(source="task", why="default checks"):
        # discovery may be giving the same device its checks at this moment
        Check.objects.bulk_create(missing, batch_size=1000, ignore_conflicts=True)
    return len(missing)


def _ever_had(devices: Sequence[Device]) -> set[tuple[int, Identity]]:
    """(device, identity) of every check that these devices have or had, under whatever name."""
    events = history.event_model(Check)._default_manager.filter(device__in=devices).order_by()
    rows = events.values_list("device_id", "kind", "options__port").distinct()
    return {(device, identity(kind, {"port": port})) for device, kind, port in rows}


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
