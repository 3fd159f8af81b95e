"""What monitoring adds to the lists of devices and interfaces: state, and the last hour as a small line."""

from collections.abc import Collection
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from core import conditions, sparklines
from core.access import can, hidden_fields, visible
from core.resources import columns
from core.resources.cells import badge
from inventory.models import Device, Interface, Service
from monitoring import health, hits, recent
from monitoring.models import Check, Rule, Series
from monitoring.vitals import TRAFFIC

Cells = dict[Any, SafeString]


def device_states(user: Any, keys: Collection[Any]) -> dict[Any, str]:
    """How each device is; one query. Nothing to who may see no checks."""
    if not can(user, "view", Check):
        return {}
    rows = health.by_device(visible(user, Check).filter(device__in=keys))
    found = {
        row["device_id"]: health.state_of(row["answers"], row["fails"], row["heard"], watched=True)
        for row in rows
    }
    return {key: found.get(key, health.UNWATCHED) for key in keys}


def health_of(user: Any, keys: Collection[Any]) -> Cells:
    return {key: badge(state) for key, state in device_states(user, keys).items()}


def condition_of_services(user: Any, keys: Collection[Any]) -> Cells:
    return {key: badge(state) for key, state in hits.service_states(user, keys).items()}


def processor_of(user: Any, keys: Collection[Any]) -> Cells:
    """CPU usage of each device; two queries."""
    rows = Series.objects.seen_by(user).filter(source__device__in=keys, metric="cpu.usage", instance="")
    devices = dict(rows.values_list("pk", "source__device_id"))
    lines = recent.sparks(list(rows))
    return {devices[pk]: spark(values, "CPU", "%") for pk, values in lines.items()}


def traffic_of(user: Any, keys: Collection[Any]) -> Cells:
    """What each interface receives and sends; three queries."""
    ports = {
        (device, name): pk
        for pk, device, name in visible(user, Interface)
        .filter(pk__in=keys)
        .order_by()
        .values_list("pk", "device_id", "name")
    }
    devices, names = {device for device, _ in ports}, {name for _, name in ports}
    rows = Series.objects.seen_by(user).filter(metric__in=TRAFFIC, source__device__in=devices)
    rows = rows.filter(instance__in=names).select_related("source")
    shown = [one for one in rows if (one.source.device_id, one.instance) in ports]
    lines = recent.sparks(shown)
    both: dict[Any, list[list[float | None]]] = {}
    for one in shown:
        if one.pk in lines:
            both.setdefault(ports[one.source.device_id, one.instance], []).append(lines[one.pk])
    return {pk: spark(recent.added(drawn), "Traffic", "B/s") for pk, drawn in both.items()}


def conditions_of_rules(user: Any, keys: Collection[Any]) -> Cells:
    """When each rule speaks, in words; nothing where a part of that is hidden from the user."""
    if hidden_fields(user, Rule) & {"metric", "operator", "threshold", "for_seconds"}:
        return {}
    rules = visible(user, Rule).filter(pk__in=keys)
    return {one.pk: escape(one.condition) for one in rules}


def spark(values: list[float | None], label: str, unit: str) -> SafeString:
    drawn = {"drawing": sparklines.draw(values), "label": sparklines.say(values, label, unit)}
    return render_to_string("ui/sparkline.html", drawn)


def register() -> None:
    """Called once, at start."""
    conditions.say(Device, device_states)
    conditions.say(Service, hits.service_states)
    columns.add(Service, "health", "State", condition_of_services, state=True)
    columns.add(Rule, "condition", "Alerts when", conditions_of_rules)
    columns.add(Device, "health", "Health", health_of, state=True)
    columns.add(Device, "processor", "CPU, last hour", processor_of)
    columns.add(Interface, "traffic", "Traffic, last hour", traffic_of)
