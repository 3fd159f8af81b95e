"""What a machine says about itself, written into the inventory: by discovery and by agents alike."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.models import Device, DeviceType, Interface, IPAddress, Manufacturer, Platform

MOST_PORTS = 20_000
MEANINGLESS = re.compile(
    r"^(|0+|none|n/?a|unknown|default string|not specified|to be filled.*"
    r"|system (serial|product|manufacturer).*)$",
    re.IGNORECASE,
)
WRITTEN = ("name", "alias", "type", "if_index", "mac", "speed", "mtu", "admin_up", "oper_up", "last_change")


@dataclass(slots=True)
class PortFact:
    """An interface; None means: not said, leave what is there. speed in bit/s, addresses as 192.0.2.1/24."""

    name: str
    alias: str | None = None
    type: str | None = None
    if_index: int | None = None
    mac: str | None = None
    speed: int | None = None
    mtu: int | None = None
    admin_up: bool | None = None
    oper_up: bool | None = None
    addresses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DeviceFacts:
    """A device; an empty text means: not said."""

    serial: str = ""
    os_version: str = ""
    vendor: str = ""
    model: str = ""
    platform_key: str = ""
    platform_name: str = ""
    ports: list[PortFact] = field(default_factory=list)


def clip(text: object, length: int) -> str:
    """Text from outside without what is not printable, at most `length` long."""
    words = str(text or "").split()
    return "".join(letter for letter in " ".join(words) if letter.isprintable())[:length]


def mac_text(text: str | None) -> str | None:
    """aa:bb:cc:dd:ee:ff of any spelling with whole octets; None where it is no address."""
    digits = re.sub(r"[^0-9a-fA-F]", "", text or "").lower()
    if len(digits) not in (12, 16) or not digits.strip("0"):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


@transaction.atomic
def save(device: Device, facts: DeviceFacts) -> Device:
    """Bring the device's row, interfaces and addresses up to these facts; returns the row as it is now.

    What people chose (type, platform) is never replaced, only filled in. Interfaces are known by name, else
    by MAC and ifIndex (renamed); those that are gone stay, for their history and what hangs on them.
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    before = {
        name: getattr(device, name) for name in ("serial", "os_version", "platform_id", "device_type_id")
    }
    serial = clip(facts.serial, 100)
    if not MEANINGLESS.match(serial):
        device.serial = serial
    device.os_version = clip(facts.os_version, 200) or device.os_version
    _fill_kind(device, facts)
    changed = [name for name, value in before.items() if getattr(device, name) != value]
    if changed:
        device.save(update_fields=[*(name.removesuffix("_id") for name in changed), "updated_at"])
    _save_ports(device, facts.ports[:MOST_PORTS])
    return device


def _fill_kind(device: Device, facts: DeviceFacts) -> None:
    vendor = None
    name = clip(facts.vendor, 100)
    if not MEANINGLESS.match(name):
        vendor = Manufacturer.objects.filter(name__iexact=name).first()
        vendor = vendor or Manufacturer.objects.get_or_create(name=name)[0]
    model = without_maker(clip(facts.model, 100), name)
    if vendor and device.device_type_id is None and not MEANINGLESS.match(model):
        device.device_type, _ = DeviceType.objects.get_or_create(manufacturer=vendor, model=model)
    key = re.sub(r"[^a-z0-9_-]+", "-", facts.platform_key.lower()).strip("-")[:60]
    if key and device.platform_id is None:
        device.platform = Platform.objects.filter(key=key).first() or _new_platform(key, facts, vendor)


def without_maker(model: str, maker: str) -> str:
    """ "Juniper MX204" of Juniper is an MX204: a device type is shown with its maker before it."""
    rest = model[len(maker) :].strip()
    return rest if maker and rest and model.lower().startswith(maker.lower()) else model


def _new_platform(key: str, facts: DeviceFacts, vendor: Manufacturer | None) -> Platform:
    name = clip(facts.platform_name, 60) or key
    if Platform.objects.filter(name=name).exists():
        name = f"{name[:50]} ({key})"[:60]
    # another device of the same platform may be discovered at this moment
    return Platform.objects.get_or_create(key=key, defaults={"name": name, "manufacturer": vendor})[0]


def _save_ports(device: Device, ports: Sequence[PortFact]) -> None:
    now = timezone.now()
    known = {row.name: row for row in Interface.objects.filter(device=device)}
    facts = {clip(port.name, 255): port for port in ports if clip(port.name, 255)}
    moved = {(row.mac, row.if_index): row for name, row in known.items() if name not in facts and row.mac}
    new, changed = [], []
    for name, port in facts.items():
        row = known.get(name) or moved.pop((mac_text(port.mac), port.if_index), None)
        if row is None:
            row = Interface(device=device, name=name)
            new.append(row)
        elif _differs(row, name, port):
            changed.append(row)
        _apply(row, name, port, now)
    Interface.objects.bulk_update(changed, WRITTEN, batch_size=500)
    Interface.objects.bulk_create(new, batch_size=1000)
    _save_addresses(device, facts)


def _values(row: Interface, name: str, port: PortFact) -> dict[str, Any]:
    given = {
        "name": name,
        "alias": None if port.alias is None else clip(port.alias, 255),
        "type": None if port.type is None else clip(port.type, 60),
        "if_index": port.if_index,
        "mac": mac_text(port.mac),
        "speed": port.speed if port.speed is None or 0 <= port.speed < 2**63 else None,
        "mtu": port.mtu if port.mtu is None or 0 <= port.mtu < 2**31 else None,
        "admin_up": port.admin_up,
        "oper_up": port.oper_up,
    }
    return {key: value for key, value in given.items() if value is not None and value != getattr(row, key)}


def _differs(row: Interface, name: str, port: PortFact) -> bool:
    return bool(_values(row, name, port))


def _apply(row: Interface, name: str, port: PortFact, now: datetime) -> None:
    for key, value in _values(row, name, port).items():
        setattr(row, key, value)
        if key == "oper_up":
            row.last_change = now


def _save_addresses(device: Device, facts: dict[str, PortFact]) -> None:
    """Add what is new; take away what the machine no longer has, unless people wrote something to it."""
    rows = {row.name: row for row in Interface.objects.filter(device=device)}
    wanted = {
        (rows[name].pk, address)
        for name, port in facts.items()
        if name in rows
        for address in map(usable_address, port.addresses)
        if address
    }
    there = {
        (row.interface_id, row.address): row for row in IPAddress.objects.filter(interface__device=device)
    }
    IPAddress.objects.bulk_create(
        [
            IPAddress(address=address, interface_id=pk)
            for pk, address in sorted(wanted - there.keys(), key=str)
        ],
        ignore_conflicts=True,
    )
    said = {rows[name].pk for name, port in facts.items() if port.addresses and name in rows}
    for key in there.keys() - wanted:
        row = there[key]
        if key[0] in said and not row.description and not row.dns_name:
            row.delete()


def usable_address(text: str) -> Any:
    """An interface address worth keeping: not loopback, link-local, multicast or unspecified; else None."""
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        return None
    if getattr(found.ip, "scope_id", None):  # PostgreSQL has no zones
        return None
    bad = found.ip.is_loopback or found.ip.is_link_local or found.ip.is_multicast or found.ip.is_unspecified
    return None if bad else found
