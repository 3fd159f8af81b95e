"""Network interfaces with MAC, speed and addresses."""

import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from agent.collectors.network import lasting


def with_prefix(address: str, netmask: str | None) -> str:
    """ "10.0.0.1" and "255.255.255.0" → "10.0.0.1/24"; "" for what is no address. Zones are cut off."""
    bare = address.partition("%")[0]
    try:
        ip = ipaddress.ip_address(bare)
        if not netmask:
            return f"{bare}/{ip.max_prefixlen}"
        mask = int(ipaddress.ip_address(netmask.partition("%")[0]))
    except ValueError:
        return ""
    return f"{ip}/{mask.bit_count()}"


def row(name: str, addresses: Iterable[Any], state: Any) -> dict[str, Any]:
    """One interface from psutil's answers; speed in bit/s, None unknown."""
    addresses = list(addresses)
    macs = [item.address for item in addresses if item.family == psutil.AF_LINK]
    ips = [
        with_prefix(item.address, item.netmask)
        for item in addresses
        if item.family in (socket.AF_INET, socket.AF_INET6)
    ]
    return {
        "name": name,
        "mac": macs[0].lower().replace("-", ":") if macs else "",
        "speed": (state.speed * 1_000_000 or None) if state else None,
        "mtu": state.mtu if state else None,
        "addresses": sorted(filter(None, ips)),
    }


def read(root: Path) -> list[dict[str, Any]]:
    """All but those of guests (containers, virtual machines), by name."""
    states = psutil.net_if_stats()
    found = psutil.net_if_addrs()
    return [row(name, found[name], states.get(name)) for name in sorted(found) if lasting(name)]


def signature() -> int:
    """Changes when an address comes, goes or moves."""
    found = psutil.net_if_addrs()
    return hash(
        tuple(
            sorted(
                (name, item.address, item.netmask) for name in found if lasting(name) for item in found[name]
            )
        )
    )
