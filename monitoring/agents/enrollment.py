"""How a machine joins: a one-time token for a key of its own."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import history
from inventory.models import Device
from monitoring.facts import clip
from monitoring.models import Agent, Check, EnrollToken

INTERVAL = 60
HOURS = 24
AGAIN = timedelta(minutes=10)


class EnrollmentError(Exception):
    """The token does not let anybody in; the text says why, without telling more than the asker may know."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine says when it joins."""

    hostname: str
    machine_id: str
    version: str = ""
    os: str = ""


def hash_of(text: str) -> str:
    """Tokens and keys are long and random: a plain hash is enough, and can be looked up."""
    return hashlib.sha256(text.encode()).hexdigest()


def create_token(by: Any = None, description: str = "", hours: float = HOURS) -> str:
    """A new one-time token; this is the only time that it can be read."""
    text = f"itim-enroll-{secrets.token_urlsafe(24)}"
    EnrollToken.objects.create(
        token_hash=hash_of(text),
        description=clip(description, 200),
        created_by=by,
        expires_at=timezone.now() + timedelta(hours=hours),
    )
    return text


def enroll(token: str, machine: Machine) -> tuple[Agent, str]:
    """Trade a token for an agent and its key. A machine that joins again keeps its device, with a new key.

    An answer may be lost on its way: for AGAIN the machine that a token let in gets another key for it, which
    ends the first one, as long as nobody has used that.
    """
    with history.context(source="agent"), transaction.atomic():
        row = EnrollToken.objects.select_for_update().filter(token_hash=hash_of(token)).first()
        if row is None or not (_is_open(row) or _answer_was_lost(row, machine)):
            raise EnrollmentError("the token is unknown, used or expired")
        key = secrets.token_urlsafe(32)
        agent = _agent(machine, key)
        if row.used_at is None:
            row.used_at, row.used_by = timezone.now(), agent
            row.save(update_fields=["used_at", "used_by"])
        return agent, key


def _is_open(row: EnrollToken) -> bool:
    return row.used_at is None and row.expires_at >= timezone.now()


def _answer_was_lost(row: EnrollToken, machine: Machine) -> bool:
    """Whether this machine used this token just now, and the key that it got then was never used."""
    if row.used_at is None or row.used_by is None or timezone.now() - row.used_at > AGAIN:
        return False
    agent = Agent.objects.select_for_update().get(pk=row.used_by_id)
    never = agent.last_seen is None or agent.last_seen < row.used_at
    return agent.machine_id == machine.machine_id and agent.enabled and never


def _agent(machine: Machine, key: str) -> Agent:
    known = Agent.objects.select_for_update().filter(machine_id=machine.machine_id).first()
    agent = known or Agent(machine_id=machine.machine_id, device=_device(machine))
    agent.name, agent.version, agent.os = machine.hostname, machine.version, machine.os
    agent.key_hash, agent.enabled = hash_of(key), True
    agent.save()
    check_of(agent)
    return agent


def check_of(agent: Agent) -> Check:
    """The check that the agent's sweeps belong to; made anew where somebody deleted it."""
    return Check.objects.get_or_create(
        device_id=agent.device_id,
        kind="agent",
        name="",
        defaults={"passive": True, "interval": INTERVAL},
    )[0]


def _device(machine: Machine) -> Device:
    """The device of that name that has no agent yet, else a new one."""
    same = Device.objects.filter(name__iexact=machine.hostname).order_by("pk")
    if device := same.filter(agent__isnull=True).first():
        return device
    name = machine.hostname
    if same.exists():
        name = f"{name[:80]} ({machine.machine_id[:8]})"
    return Device.objects.create(name=name[:100], status=Device.Status.ACTIVE)
