"""An agent's inventory: facts into inventory's rows, the rest kept as it came."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from monitoring import actions
from monitoring.facts import DeviceFacts, PortFact, clip, save
from monitoring.models import Agent, AgentInventory

PLATFORMS = {"windows": ("windows", "Windows"), "darwin": ("macos", "macOS"), "linux": ("linux", "Linux")}


@transaction.atomic
def save_inventory(agent: Agent, data: dict[str, Any], digest: str) -> None:
    """Keep the inventory and bring the device up to it."""
    AgentInventory.objects.update_or_create(
        device_id=agent.device_id, defaults={"data": _storable(data), "received_at": timezone.now()}
    )
    before = agent.device.platform_id
    device = save(agent.device, facts(data))
    if device.platform_id != before:
        actions.apply_defaults([device])
    Agent.objects.filter(pk=agent.pk).update(inventory_hash=digest)


def facts(data: dict[str, Any]) -> DeviceFacts:
    """The facts of an inventory; parts of the wrong shape count as not said."""
    hardware, system = _object(data.get("hardware")), _object(data.get("os"))
    name = f"{clip(system.get('name'), 80)} {clip(system.get('version'), 60)}".strip()
    key, label = _platform(f"{system.get('name', '')} {system.get('kernel', '')}".lower())
    ports = data.get("interfaces")
    return DeviceFacts(
        serial=_text(hardware.get("serial")),
        os_version=name,
        vendor=_text(hardware.get("vendor")),
        model=_text(hardware.get("model")),
        platform_key=key,
        platform_name=label,
        ports=[_port(one) for one in ports if isinstance(one, dict)] if isinstance(ports, list) else [],
    )


def _platform(text: str) -> tuple[str, str]:
    return next((found for word, found in PLATFORMS.items() if word in text), PLATFORMS["linux"])


def _port(item: dict[str, Any]) -> PortFact:
    addresses = item.get("addresses")
    listed = addresses if isinstance(addresses, list) else []
    return PortFact(
        name=_text(item.get("name")),
        mac=_text(item.get("mac")) or None,
        speed=_number(item.get("speed")),
        mtu=_number(item.get("mtu")),
        oper_up=item.get("up") if isinstance(item.get("up"), bool) else None,
        addresses=[one for one in listed if isinstance(one, str)],
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e18
    return int(value) if usable else None


def _storable(value: Any) -> Any:
    """JSON that PostgreSQL takes: no NUL in texts, no infinite numbers."""
    if isinstance(value, dict):
        return {_storable(str(key)): _storable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value
