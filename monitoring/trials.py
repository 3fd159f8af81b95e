"""Things tried because somebody pressed a button: done by a worker, the outcome kept for some minutes.

The page that started one asks for its outcome by a key that nobody can guess; it is shown to that user alone.
"""

import asyncio
import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from core import format as formats
from monitoring import jobs
from monitoring.alerting import delivery
from monitoring.channels import Message, SendError
from monitoring.ingest import SweepInput, ingest
from monitoring.models import Channel, Check
from monitoring.polling import collect
from probes.metrics import METRICS
from probes.readings import Readings

KEEP = 15 * 60  # seconds an outcome can be looked at
MOST = 500  # readings that are kept to be shown
LONGEST = 60.0  # seconds a check may take when it is run by hand


@dataclass(slots=True)
class Trial:
    """One press of the button. `lines` are (metric, instance, value as text)."""

    owner: int
    kind: str
    about: int
    title: str
    started: float
    done: bool = False
    error: str = ""
    seconds: float = 0.0
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    more: int = 0


def begin(user: Any, kind: str, about: Check | Channel, title: str, queue: str = "celery") -> str:
    """Ask a worker; returns the key of the outcome. kind names the task of monitoring.tasks."""
    key = secrets.token_urlsafe(16)
    save(key, Trial(user.pk, kind, about.pk, title, time.time()))
    options: dict[str, Any] = {"queue": queue, "expires": KEEP, "retry": False}
    current_app.send_task(f"monitoring.tasks.{kind}", [about.pk, key], **options)
    return key


def save(key: str, trial: Trial) -> None:
    cache.set(f"trial.{key}", asdict(trial), KEEP)


def find(key: str) -> Trial | None:
    found = cache.get(f"trial.{key}")
    return Trial(**found) if found else None


def run_check(check_id: int, key: str) -> None:
    """Poll a check now, store what it reads as any other sweep, and keep the readings to be shown."""
    trial = find(key)
    check = Check.objects.select_related("device__credential", "credential").filter(pk=check_id).first()
    if trial is None or check is None:
        return
    at = time.time()
    readings = _collected(check)
    if check.enabled and not check.passive:
        ingest([SweepInput(check.pk, at, readings)])
    trial.done, trial.error, trial.seconds = True, readings.error, time.time() - at
    trial.lines, trial.notes = told(readings)[:MOST], readings.notes
    trial.more = max(0, sum(len(column.values) for column in readings.columns) - MOST)
    save(key, trial)


def _collected(check: Check) -> Readings:
    job = jobs.job_of(check)

    async def run() -> Readings:
        async with asyncio.timeout(LONGEST):
            return (await collect([job]))[0]

    try:
        return asyncio.run(run())
    except TimeoutError:
        return Readings(error=f"not done within {LONGEST:.0f} s", duration=LONGEST)


def told(readings: Readings) -> list[tuple[str, str, str]]:
    """Readings as people read them; counters are shown as they came, for a rate takes two readings."""
    return [
        (_label(column.metric), instance, _value(column.metric, value))
        for column in readings.columns
        for instance, value in zip(column.instances, column.values, strict=True)
    ]


def _label(name: str) -> str:
    metric = METRICS.get(name)
    return metric.label if metric else name


def _value(name: str, value: float | int | None) -> str:
    metric = METRICS.get(name)
    if value is None or metric is None:
        return formats.plain(value)
    if metric.kind.startswith("counter"):
        return f"{value:,.0f} so far"
    return formats.quantity(value, metric.unit)


def test_channel(channel_id: int, key: str) -> None:
    """Send a message that says what it is, and keep what the peer answered."""
    trial, channel = find(key), Channel.objects.filter(pk=channel_id).first()
    if trial is None or channel is None:
        return
    at = time.time()
    try:
        delivery.send(channel, greeting(channel, key))
    except SendError as error:
        trial.error = str(error)
    except Exception as error:
        trial.error = f"{type(error).__name__}: {error}"
    trial.done, trial.seconds = True, time.time() - at
    save(key, trial)


def greeting(channel: Channel, key: str) -> Message:
    """The message of a test."""
    text = f"This is a test of the channel {channel.name}. If you can read it, alerts will reach you here."
    url = f"{settings.BASE_URL}/monitoring/channels/{channel.pk}/"
    return Message(
        message_id=f"test-{key}@itim",
        thread_id=f"test-{channel.pk}@itim",
        subject="[Test] A message from ITIM",
        text=f"{text}\n\n{url}\n",
        html="",
        severity="info",
        resolved=False,
        url=url,
        data={"id": f"test-{key}@itim", "event": "test", "at": timezone.now().isoformat(), "text": text},
    )
