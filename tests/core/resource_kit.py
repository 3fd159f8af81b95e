"""What tests of resources share: one valid object of every model, users who may all and nothing."""

import itertools
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import User
from core.resources import Resource, resource_named, resource_of
from core.resources.attributes import Attribute, Reference, References

_numbers = itertools.count(1)

SPECIAL: dict[str, Any] = {
    "inventory.ipaddress.address": lambda number: (
        f"10.{number // 62500 % 250}.{number // 250 % 250}.{number % 250}/16"
    ),
    "inventory.site.time_zone": lambda number: "Europe/Zurich",
    "inventory.dependency.service": lambda number: None,
    "inventory.dependency.on_service": lambda number: None,
    "inventory.device.location": lambda number: None,
    "inventory.location.parent": lambda number: None,
    "core.user.email": lambda number: f"user{number}@example.com",
    "core.user.time_zone": lambda number: "Europe/Zurich",
    "core.credential.kind": lambda number: "snmp-community",
    "core.credential.secret": lambda number: {"version": "2c", "community": f"public-{number}"},
    "core.permission.resource": lambda number: "inventory.device",
    "core.permission.actions": lambda number: ["view", f"action_{'x' * (number % 20 + 1)}"],
    "core.permission.hidden_fields": lambda number: [],
    "core.permission.constraint": lambda number: None,
    "monitoring.check.kind": lambda number: "ping",
    "monitoring.check.interval": lambda number: 60 + number,
    "monitoring.check.credential": lambda number: None,
    "monitoring.channel.kind": lambda number: "webhook",
    "monitoring.channel.secret": lambda number: {},
    "monitoring.rule.selector": lambda number: {"status": ["active"], "instance": "^Gi"},
    "monitoring.route.selector": lambda number: {"kind": ["ping"]},
    "monitoring.channel.options": lambda number: {"url": "https://hooks.example.com/x"},
    "monitoring.rule.metric": lambda number: "cpu.usage",
    "monitoring.rule.operator": lambda number: ">",
    "monitoring.rule.recovery": lambda number: None,
    "inventory.interface.mac": lambda number: (
        f"02:00:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    ),
}


def unwritten(resource: Resource) -> dict[str, Any]:
    """What a row of a model that machines write needs besides."""
    number = next(_numbers)
    by_model: dict[str, Any] = {
        "monitoring.alert": lambda: {
            "device_id": make_named("devices"),
            "metric": "cpu.usage",
            "instance": str(number),
            "severity": "warning",
            "status": "firing",
            "text": f"text-{number}",
            "started_at": timezone.now(),
        },
        "monitoring.notification": lambda: {
            "alert_id": make_named("alerts"),
            "channel_id": make_named("channels"),
            "message_id": f"message-{number}",
        },
        "monitoring.agent": lambda: {
            "device_id": make_named("devices"),
            "machine_id": f"machine-{number}",
            "key_hash": f"hash-{number}",
        },
        "monitoring.poller": lambda: {"name": f"poller-{number}"},
    }
    found: dict[str, Any] = by_model.get(resource.model._meta.label_lower, dict)()
    return found


def make_named(plural: str) -> Any:
    """The key of a new object of that resource."""
    resource = resource_named(plural)
    assert resource is not None
    return make(resource).pk


def body(resource: Resource) -> dict[str, Any]:
    """What a client would post for a new object; references are made on the way and named by id."""
    number = next(_numbers)
    found = {}
    for name, attribute in resource.attributes.items():
        if attribute.writable and not isinstance(attribute, References):
            found[name] = value(resource, name, attribute, number)
    return found


def value(resource: Resource, name: str, attribute: Attribute, number: int) -> Any:
    special = SPECIAL.get(f"{resource.model._meta.label_lower}.{name}")
    if special:
        return special(number)
    if isinstance(attribute, Reference):
        related = resource_of(attribute.related)
        assert related is not None
        return make(related).pk if related is not resource else None
    if attribute.choices:
        return attribute.choices[number % len(attribute.choices)][0]
    samples = {"integer": number, "number": number % 90, "boolean": True, "json": {}}
    text = f"{name.replace('_', '-')}-{number}"
    return samples.get(attribute.kind, text[: getattr(attribute.field, "max_length", None) or 100])


def make(resource: Resource, **changes: Any) -> models.Model:
    """A stored object of the resource."""
    values = unwritten(resource) | body(resource) | changes
    many = {name for name, one in resource.attributes.items() if isinstance(one, Reference)}
    return resource.model._default_manager.create(
        **{
            f"{name}_id" if name in many and not hasattr(one, "pk") else name: one
            for name, one in values.items()
        }
    )


def administrator(name: str = "admin") -> User:
    return User.objects.create_superuser(name, f"{name}@example.com", "secret")


def stranger(name: str = "stranger") -> User:
    """Somebody who is logged in and has no role."""
    return User.objects.create_user(name, f"{name}@example.com", "secret")
