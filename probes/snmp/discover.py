"""Discovery: who a device is, what it holds, and what of it can be polled.

The standard MIBs come first, then the vendor's tables out of probes/vendors. What a device lacks, or answers
wrongly, is skipped; `Found.problems` says what could not be read.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from probes.snmp.discovery import host, network, space, ucd
from probes.snmp.discovery.addresses import read_addresses
from probes.snmp.discovery.bgp import read_peers
from probes.snmp.discovery.entity import read_parts
from probes.snmp.discovery.identify import identify, read_facts
from probes.snmp.discovery.interfaces import read_ports
from probes.snmp.discovery.neighbors import read_links
from probes.snmp.discovery.reader import Client, Reader
from probes.snmp.discovery.rows import Context
from probes.snmp.discovery.sensors import read_sensors, read_wireless, state
from probes.snmp.discovery.supplies import read_supplies
from probes.snmp.discovery.system import read_system
from probes.snmp.discovery.vlans import read_vlans
from probes.snmp.found import Found, Sensor
from probes.vendors.loader import Registry, registry
from probes.vendors.model import System, Table, Vendor

T = TypeVar("T")
TableT = TypeVar("TableT", bound=Table)


async def discover(client: Client, vendors: Registry | None = None) -> Found:
    """Everything that can be found through `client`, by the product's vendor data or by `vendors`.

    Never raises for what the device does. Raises VendorError when the vendor data is wrong.
    """
    return await Discovery(Reader(client), vendors or registry()).run()


@dataclass(slots=True)
class Part:
    """Not a physical part: the tables of one vendor that concern this device."""

    vendor: Vendor
    system: System | None

    def tables(self, tables: Iterable[TableT]) -> list[TableT]:
        """Those of `tables` that are for every system, or for this one."""
        own = self.system.os if self.system else ""
        return [table for table in tables if not table.systems or own in table.systems]


class Discovery:
    """One run over one device."""

    def __init__(self, reader: Reader, vendors: Registry) -> None:
        self.reader = reader
        self.vendors = vendors
        self.found = Found()
        self.parts: list[Part] = []
        self.context = Context()

    async def run(self) -> Found:
        """All steps; one that fails leaves the others as they are."""
        self.found.device = await read_system(self.reader)
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            self._inventory, self._identity, self._ports, self._addresses, self._processors, self._memory,
            self._supplies, self._vlans, self._links, self._peers, self._sensors, self._wireless,
        )  # fmt: skip
        for step in steps:
            await self._guarded(step)
        self.found.problems = self.reader.problems
        return self.found

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> None:
        """Hostile data may break a parser in a way nobody thought of: the rest is still worth reading."""
        try:
            await step()
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            self.reader.problems.append(f"{step.__name__.strip('_')}: {type(error).__name__}: {error}")

    async def _identity(self) -> None:
        device = self.found.device
        match = await identify(self.reader, device, self.vendors)
        self.parts = [Part(vendor, None) for vendor in self.vendors.everywhere()]
        if match is None:
            return
        vendor, system = match
        self.parts = [Part(vendor, system), *(part for part in self.parts if part.vendor is not vendor)]
        device.os, device.os_text, device.type, device.vendor = (
            system.os,
            system.text,
            system.type,
            vendor.name if vendor.maker is None else vendor.maker,
        )
        await read_facts(self.reader, device, system, self.found.inventory)

    async def _collect(
        self, kind: str, read: Callable[[Reader, Any, Context], Awaitable[list[T]]]
    ) -> list[T]:
        items: list[T] = []
        for part in self.parts:
            own: list[T] = []
            for table in part.tables(getattr(part.vendor, kind)):
                if not (table.otherwise and own):
                    own += await read(self.reader, table, self.context)
            items += own
        return items

    async def _inventory(self) -> None:
        self.found.inventory = await read_parts(self.reader)

    async def _ports(self) -> None:
        self.found.ports = await read_ports(self.reader)
        self.context = Context.of(self.found.ports, self.found.inventory)
        self.found.inventory += await self._collect("inventory", network.read_parts)

    async def _addresses(self) -> None:
        self.found.ipv4, self.found.ipv6 = await read_addresses(self.reader)

    async def _processors(self) -> None:
        own = await self._collect("processors", space.read_processors)
        own = own or ([] if self._without("processors") else await host.read_processors(self.reader))
        self.found.processors = own or await ucd.read_processors(self.reader)

    async def _memory(self) -> None:
        pools = await self._collect("mempools", space.read_pools)
        disks = await self._collect("storage", space.read_storage)
        host_pools, host_disks = await host.read_space(self.reader)
        self.found.mempools = pools or ([] if self._without("mempools") else host_pools)
        self.found.mempools = self.found.mempools or await ucd.read_pools(self.reader)
        self.found.storage = disks + ([] if self._without("storage") else host_disks)
        self.found.storage = self.found.storage or await ucd.read_disks(self.reader)

    def _without(self, kind: str) -> bool:
        return any(part.system and kind in part.system.without for part in self.parts)

    async def _supplies(self) -> None:
        self.found.supplies = await read_supplies(self.reader)

    async def _vlans(self) -> None:
        vlans = {vlan.vlan: vlan for vlan in await self._collect("vlans", network.read_vlans)}
        for vlan in await read_vlans(self.reader):
            vlans.setdefault(vlan.vlan, vlan)
        self.found.vlans = sorted(vlans.values(), key=lambda vlan: vlan.vlan)

    async def _links(self) -> None:
        links = await read_links(self.reader, self.found.ports)
        known = {(link.local_ifName, link.remote_hostname) for link in links}
        more = await self._collect("links", network.read_links)
        links += [link for link in more if (link.local_ifName, link.remote_hostname) not in known]
        self.found.links = links

    async def _peers(self) -> None:
        peers = {peer.peer: peer for peer in await read_peers(self.reader)}
        for part in self.parts:
            for table in part.tables(part.vendor.bgp_peers):
                for peer in await network.read_peers(self.reader, part.vendor, table, self.context):
                    peers.setdefault(peer.peer, peer)
        self.found.bgp_peers = list(peers.values())

    async def _sensors(self) -> None:
        by_key: dict[tuple[str, str], Sensor] = {}
        for part in self.parts:
            known = len(by_key)
            for table in part.tables(part.vendor.sensors):
                if table.otherwise and len(by_key) > known:
                    continue
                async for sensor in read_sensors(self.reader, part.vendor, table, self.context):
                    by_key.setdefault((sensor.oid, sensor.cls), sensor)
                    self._meanings(part.vendor, table.states, sensor)
        self.found.sensors = list(by_key.values())

    def _meanings(self, vendor: Vendor, states: str, sensor: Sensor) -> None:
        if sensor.state_name and sensor.state_name not in self.found.states:
            meanings = vendor.states[states]
            self.found.states[sensor.state_name] = {raw: state(item) for raw, item in meanings.items()}

    async def _wireless(self) -> None:
        self.found.wireless = await self._collect("wireless", read_wireless)
