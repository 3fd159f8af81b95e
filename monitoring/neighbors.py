"""Neighbors: from discovery to rows, and from what they call themselves to devices that we know."""

import ipaddress
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from core.access import limited, visible
from inventory.models import Device, Interface
from monitoring.facts import clip, mac_text
from monitoring.models import Neighbor
from monitoring.order import natural
from probes.snmp.found import Link

MOST = 1000
LENGTH = 255
Row = tuple[str, str, str, str, str]


def _row(link: Link) -> Row:
    texts = (
        link.local_ifName or link.local_ifDescr,
        link.remote_hostname,
        link.remote_port,
        link.remote_version,
    )
    local, name, port, version = (clip(text, LENGTH) for text in texts)
    return clip(link.protocol, 20), local, name, port, version


@transaction.atomic
def save(device: Device, links: Iterable[Link]) -> None:
    """Keep what is heard now: what stays keeps its row (and since when), what is gone goes."""
    wanted = dict.fromkeys(row for row in map(_row, links) if row[2])
    wanted = dict.fromkeys(list(wanted)[:MOST])
    there: dict[Row, int] = {}
    double: list[int] = []
    for one in Neighbor.objects.filter(device=device):
        row = (one.protocol, one.local_port, one.remote_name, one.remote_port, one.remote_version)
        if row in there or row not in wanted:
            double.append(one.pk)
        else:
            there[row] = one.pk
    Neighbor.objects.filter(pk__in=double).delete()
    names = ("protocol", "local_port", "remote_name", "remote_port", "remote_version")
    Neighbor.objects.bulk_create(
        Neighbor(device=device, **dict(zip(names, row, strict=True))) for row in wanted if row not in there
    )


def of_device(user: Any, device: Device, most: int) -> tuple[list[Neighbor], int]:
    """The first neighbors of a device that the user may see, by port, and how many there are."""
    rows = limited(Neighbor.objects.filter(device=device), user, Device, "device")
    found = sorted(rows, key=lambda one: (natural(one.local_port), natural(one.remote_name)))
    return found[:most], len(found)


def devices_named(user: Any, device: Device, names: Collection[str]) -> dict[str, Device]:
    """The devices behind these names, as far as the user may see them: by name (with or without its domain),
    by address, by the MAC of an interface. A name that fits several is told apart by the site, or left alone.
    """
    shorter = {name: _spellings(name) for name in names}
    macs = {name: mac for name in names if (mac := mac_text(name))}
    spelled = {text for texts in shorter.values() for text in texts}
    found = visible(user, Device).exclude(pk=device.pk).annotate(lower=Lower("name"))
    by_word: dict[str, list[Device]] = defaultdict(list)
    for one in found.filter(Q(lower__in=spelled) | Q(address__in=spelled)):
        for word in {one.lower, one.address} & spelled:
            by_word[word].append(one)
    ports = visible(user, Interface).filter(mac__in=macs.values()).order_by() if macs else []
    by_mac = {port.mac: port.device_id for port in ports}
    behind = visible(user, Device).exclude(pk=device.pk).in_bulk(set(by_mac.values())) if by_mac else {}
    result = {}
    for name in names:
        word = next((word for word in shorter[name] if by_word.get(word)), "")
        one = _the_one(by_word.get(word, []), device) or behind.get(by_mac.get(macs.get(name, ""), 0))
        if one:
            result[name] = one
    return result


def _spellings(name: str) -> list[str]:
    """The whole name, then without its domain; an address has no domain."""
    lower = name.lower()
    try:
        return [str(ipaddress.ip_address(lower))]
    except ValueError:
        return list(dict.fromkeys([lower, lower.partition(".")[0]]))


def _the_one(fitting: Sequence[Device], beside: Device) -> Device | None:
    near = [one for one in fitting if one.site_id == beside.site_id] if len(fitting) > 1 else fitting
    return near[0] if len(near) == 1 else None
