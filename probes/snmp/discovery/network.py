"""VLANs, neighbors, BGP peers and parts by the tables of the vendor data."""

from ipaddress import ip_address

from probes.snmp.discovery.addresses import inet
from probes.snmp.discovery.bgp import STATES
from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.discovery.rows import Context, Row, rows
from probes.snmp.found import BgpPeer, Link, Part, Vlan
from probes.snmp.values import Value
from probes.vendors.model import LinkTable, PartTable, PeerTable, Vendor, VlanTable


async def read_vlans(reader: Reader, table: VlanTable, context: Context) -> list[Vlan]:
    """VLANs whose number lies in the index."""
    found = []
    for row in await rows(reader, table, table.name, context):
        parts = row.index.split(".")
        number = int(parts[table.at]) if -len(parts) <= table.at < len(parts) else 0
        if 1 <= number <= 4094:
            found.append(Vlan(number, text(row.value)))
    return found


async def read_links(reader: Reader, table: LinkTable, context: Context) -> list[Link]:
    """Neighbors by the local port's ifIndex."""
    extra = {
        name: await reader.column(getattr(table, name))
        for name in ("port", "version", "local")
        if getattr(table, name)
    }
    found = []
    for row in await rows(reader, table, table.host, context):
        more = {name: text(values.get(row.index)) for name, values in extra.items()}
        parts = row.index.split(".")
        local = more.get("local") or (parts[table.at] if table.at < len(parts) else "")
        name = context.ports.get(local, local)
        found.append(
            Link(table.protocol, name, name, text(row.value), more.get("port", ""), more.get("version", ""))
        )
    return found


async def read_peers(reader: Reader, vendor: Vendor, table: PeerTable, context: Context) -> list[BgpPeer]:
    """BGP neighbors of IPv4 and IPv6."""
    numbers = await reader.column(table.remote_as)
    addresses = await reader.column(table.peer) if table.peer else {}
    own = integer(next(iter((await reader.column(table.local_as)).values()), 0)) if table.local_as else 0
    found = []
    for row in await rows(reader, table, table.state, context):
        peer = _address(addresses.get(row.index)) or _peer(table, row)
        state = _state(vendor, table, row)
        if peer and state and row.index in numbers:
            found.append(BgpPeer(peer, integer(numbers[row.index]) % 2**32, state, local_as=own or None))
    return found


def _state(vendor: Vendor, table: PeerTable, row: Row) -> str:
    if table.states:
        meaning = vendor.states[table.states].get(text(row.value))
        return meaning.text if meaning else ""
    return STATES.get(integer(row.value), "")


def _peer(table: PeerTable, row: Row) -> str:
    parts = row.index.split(".")[table.at :]
    if table.typed:
        return inet(".".join(parts))
    octets = [int(part) for part in parts]
    return str(ip_address(bytes(octets))) if len(octets) in (4, 16) and max(octets) < 256 else ""


def _address(value: Value | None) -> str:
    if isinstance(value, bytes) and len(value) in (4, 16):
        return str(ip_address(value))
    try:
        return str(ip_address(text(value)))
    except ValueError:
        return ""


async def read_parts(reader: Reader, table: PartTable, context: Context) -> list[Part]:
    """Parts that only the vendor's MIB lists, numbered after their row."""
    extra = {
        name: await reader.column(getattr(table, name)) for name in ("model", "name") if getattr(table, name)
    }
    found = []
    for number, row in enumerate(await rows(reader, table, table.serial, context), start=1):
        more = {name: text(values.get(row.index)) for name, values in extra.items()}
        part = Part(
            number, 0, table.cls, more.get("name", ""), row.render(table.descr), more.get("model", "")
        )
        part.serial = text(row.value)
        if part.serial:
            found.append(part)
    return found
