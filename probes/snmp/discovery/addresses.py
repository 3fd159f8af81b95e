"""IP-MIB: ipAddrTable (RFC 1213) and ipAddressTable (RFC 4293)."""

from ipaddress import IPv4Network, IPv6Address, ip_address

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Address

OLD = {"ifIndex": "1.3.6.1.2.1.4.20.1.2", "mask": "1.3.6.1.2.1.4.20.1.3"}
NEW = {"ifIndex": "1.3.6.1.2.1.4.34.1.3", "prefix": "1.3.6.1.2.1.4.34.1.5"}
SIX = {"prefixlen": "1.3.6.1.2.1.55.1.8.1.2"}  # ipv6AddrTable (RFC 2465), index ifIndex.16 octets
KINDS = {1: 4, 2: 16, 3: 4, 4: 16}  # InetAddressType: octets without a zone


async def read_addresses(reader: Reader) -> tuple[list[Address], list[Address]]:
    """IPv4 and IPv6 addresses, each once, 127.0.0.1 too; ::1, link-local and 0.0.0.0 are left out."""
    found: dict[str, Address] = {}
    for index, row in (await reader.table(OLD)).items():
        prefixlen = _mask(text(row.get("mask")))
        if "ifIndex" in row and prefixlen is not None:
            _add(found, Address(index, prefixlen, integer(row["ifIndex"])))
    for index, row in (await reader.table(NEW)).items():
        address = inet(index)
        prefixlen = _prefix(text(row.get("prefix")), address)
        if address and prefixlen is not None:
            _add(found, Address(address, prefixlen, integer(row.get("ifIndex")) or None))
    for index, row in (await reader.table(SIX)).items():
        parts = index.split(".")
        address = inet(".".join(["2", *parts[1:]]))
        if address:
            _add(found, Address(address, integer(row["prefixlen"]), integer(parts[0])))
    four = [item for item in found.values() if ":" not in item.address]
    return four, [item for item in found.values() if ":" in item.address]


def inet(index: str) -> str:
    """InetAddressType.length.octets (RFC 4001), the length being optional, as text; empty if it is none."""
    parts = [int(part) for part in index.split(".") if part.isdigit()]
    size = KINDS.get(parts[0], 0) if parts else 0
    octets = parts[2:] if len(parts) > size + 1 else parts[1:]
    if not size or len(octets) < size or max(octets) > 255:
        return ""
    return str(ip_address(bytes(octets[:size])))


def _mask(mask: str) -> int | None:
    try:
        return IPv4Network(f"0.0.0.0/{mask}").prefixlen
    except ValueError:
        return None


def _prefix(pointer: str, address: str) -> int | None:
    """The prefix length, which is the last part of the row that ipAddressPrefix points to (0.0: none)."""
    last = pointer.rsplit(".", 1)[-1]
    if not last.isdigit() or pointer in ("", "0.0"):
        return None
    return int(last) if int(last) <= (128 if ":" in address else 32) else None


def _add(found: dict[str, Address], item: Address) -> None:
    try:
        address = ip_address(item.address)
    except ValueError:
        return
    if address.is_unspecified or str(address) in found:
        return
    if isinstance(address, IPv6Address) and (address.is_link_local or address.is_loopback):
        return
    found[str(address)] = Address(str(address), item.prefixlen, item.ifIndex)
