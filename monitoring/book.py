"""The open alerts of some checks: read once, changed by transitions in memory, written once."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from core import format as formats
from inventory.models import Interface
from monitoring.alerting.soon import dispatch_soon
from monitoring.engine.evaluate import FLAP_WINDOW, State, Transition
from monitoring.models import Alert, AlertEvent
from monitoring.words import measured, no_answer, state_word
from probes.metrics import METRICS

Identity = tuple[int, int, str, str]  # rule, check, metric, instance
SAVED = ("status", "fired_at", "resolved_at", "value", "text", "interface", "flapping", "ok_since", "flips")


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


@dataclass(slots=True)
class Entry:
    """An alert in work: `state` is None once it is over."""

    alert: Alert
    state: State | None
    touched: bool = False
    events: list[AlertEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about, for its row and its text."""

    check_id: int
    device_id: int
    metric: str
    instance: str
    error: str = ""


class Book:
    """Load in a transaction that holds the checks' row locks; save in the same."""

    def __init__(self, check_ids: list[int]) -> None:
        self.entries: dict[Identity, Entry] = {}
        self.recent: dict[Identity, tuple[float, ...]] = {}
        self._finished: list[Entry] = []
        since = timezone.now() - timedelta(seconds=FLAP_WINDOW)
        wanted = models.Q(resolved_at__gt=since) | ~models.Q(status=Alert.Status.RESOLVED)
        for alert in Alert.objects.filter(wanted, source__in=check_ids, rule__isnull=False).order_by("pk"):
            self._read(alert)

    def _read(self, alert: Alert) -> None:
        key = (alert.rule_id or 0, alert.source_id or 0, alert.metric, alert.instance)
        if alert.status == Alert.Status.RESOLVED:
            self.recent[key] = tuple(alert.flips)
            return
        state = State(
            "pending" if alert.status == Alert.Status.PENDING else "firing",
            alert.started_at.timestamp(),
            tuple(alert.flips),
            alert.flapping,
            alert.ok_since.timestamp() if alert.ok_since else None,
        )
        self.entries[key] = Entry(alert, state)

    def apply(self, step: Transition, rule: dict[str, Any], subject: Subject) -> None:
        """Carry one transition out in memory."""
        key = (step.rule, subject.check_id, subject.metric, subject.instance)
        if step.kind == "open":
            self.entries[key] = Entry(_opened(step, rule, subject), step.state)
        entry = self.entries[key]
        _carry_out(entry, step, rule, subject)
        if step.state is None:
            self.recent[key] = tuple(entry.alert.flips)
            self._finished.append(self.entries.pop(key))

    def save(self) -> None:
        """Write alerts and their events. A pending alert that ended leaves nothing."""
        entries = [entry for entry in [*self._finished, *self.entries.values()] if entry.touched]
        gone = [entry for entry in entries if entry.alert.fired_at is None and entry.state is None]
        kept = [entry for entry in entries if not (entry.alert.fired_at is None and entry.state is None)]
        Alert.objects.filter(pk__in=[entry.alert.pk for entry in gone if entry.alert.pk]).delete()
        _find_interfaces([entry.alert for entry in kept])
        changed = [entry.alert for entry in kept if entry.alert.pk]
        # Changes first: an ended alert makes room for its successor (one open alert an identity).
        if changed:
            Alert.objects.bulk_update(changed, SAVED, batch_size=500)
        Alert.objects.bulk_create([entry.alert for entry in kept if not entry.alert.pk], batch_size=1000)
        events = [event for entry in kept for event in entry.events]
        for event in events:
            event.alert_id = event.alert.pk
        AlertEvent.objects.bulk_create(events, batch_size=1000)
        if events:
            dispatch_soon()


def _opened(step: Transition, rule: dict[str, Any], subject: Subject) -> Alert:
    return Alert(
        rule_id=step.rule,
        source_id=subject.check_id,
        device_id=subject.device_id,
        metric=subject.metric,
        instance=subject.instance,
        severity=rule["severity"],
        started_at=_moment(step.at),
        value=step.value,
        text=describe(rule, subject, step.value),
    )


def _carry_out(entry: Entry, step: Transition, rule: dict[str, Any], subject: Subject) -> None:
    alert, entry.touched, entry.state = entry.alert, True, step.state
    if not math.isnan(step.value):
        alert.value = step.value
    if step.kind == "fire" and step.state:
        alert.status, alert.fired_at = Alert.Status.FIRING, _moment(step.at)
        alert.text = describe(rule, subject, step.value)
        alert.flips, alert.flapping = list(step.state.flips), step.state.flapping
        _event(entry, AlertEvent.Kind.FIRED, step.at)
        if alert.flapping:
            _event(entry, AlertEvent.Kind.FLAPPING, step.at)
    elif step.kind == "resolve":
        alert.status, alert.resolved_at = Alert.Status.RESOLVED, _moment(step.at)
        _event(entry, AlertEvent.Kind.RESOLVED, step.at)
    elif step.state:
        alert.ok_since = _moment(step.state.ok_since)


def _event(entry: Entry, kind: str, at: float) -> None:
    entry.events.append(AlertEvent(alert=entry.alert, kind=kind, at=_moment(at), text=entry.alert.text))


def _find_interfaces(alerts: list[Alert]) -> None:
    ports = [alert for alert in alerts if alert.metric.startswith("if.") and alert.interface_id is None]
    if not ports:
        return
    rows = Interface.objects.filter(
        device__in={alert.device_id for alert in ports}, name__in={alert.instance for alert in ports}
    )
    ids = {(device, name): pk for pk, device, name in rows.values_list("pk", "device_id", "name")}
    for alert in ports:
        alert.interface_id = ids.get((alert.device_id, alert.instance))


def describe(rule: dict[str, Any], subject: Subject, value: float) -> str:
    """One line for people: what is wrong, with the number and the limit."""
    about = f" {subject.instance}" if subject.instance else ""
    if subject.metric == "check.up":
        text = no_answer(subject.error)
    elif subject.metric == "check.age":
        text = f"No data for {formats.duration(60 * round(value / 60))}"
    elif subject.metric == "if.up":
        text = f"Interface{about} is down"
    else:
        text = _reading(rule, subject, value, about)
    return text.replace("\N{NO-BREAK SPACE}", " ")[:500]


def _reading(rule: dict[str, Any], subject: Subject, value: float, about: str) -> str:
    metric = METRICS.get(subject.metric)
    label = metric.label if metric else subject.metric
    is_state = metric is not None and metric.kind == "state"
    if is_state and (word := state_word(subject.metric, value)):
        return _state(label, subject, word)
    limit = rule["name"] if is_state else f"limit {measured(subject.metric, rule['threshold'])}"
    return f"{label}{about} is {measured(subject.metric, value)} ({limit})"


def _state(label: str, subject: Subject, word: str) -> str:
    """A sensor is called by its own name; of anything else its label tells what is meant."""
    if subject.metric == "sensor.state":
        return f"Sensor {subject.instance} is {word}"
    return f"{label}{' ' if subject.instance else ''}{subject.instance}: {word}"
