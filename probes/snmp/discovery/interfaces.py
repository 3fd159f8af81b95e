"""IF-MIB (RFC 2863) and EtherLike-MIB's duplex (RFC 3635)."""

from collections.abc import Mapping

from probes.snmp.discovery.reader import Reader, integer, mac, text
from probes.snmp.found import Port
from probes.snmp.values import Value

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
COLUMNS = {
    "descr": f"{IF}.2",
    "type": f"{IF}.3",
    "mtu": f"{IF}.4",
    "speed": f"{IF}.5",
    "mac": f"{IF}.6",
    "admin": f"{IF}.7",
    "oper": f"{IF}.8",
    "name": f"{IFX}.1",
    "high_speed": f"{IFX}.15",
    "alias": f"{IFX}.18",
    "duplex": "1.3.6.1.2.1.10.7.2.1.19",
}
ADMIN = {1: "up", 2: "down", 3: "testing"}
OPER = ADMIN | {4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
DUPLEX = {1: "unknown", 2: "halfDuplex", 3: "fullDuplex"}
TYPES = {
    1: "other", 6: "ethernetCsmacd", 22: "propPointToPointSerial", 23: "ppp", 24: "softwareLoopback",
    37: "atm", 39: "sonet", 53: "propVirtual", 71: "ieee80211", 117: "gigabitEthernet", 131: "tunnel",
    135: "l2vlan", 136: "l3ipvlan", 150: "mplsTunnel", 161: "ieee8023adLag", 166: "mpls", 209: "bridge",
}  # fmt: skip
FULL = 2**32 - 1


async def read_ports(reader: Reader) -> list[Port]:
    """All interfaces by ifIndex; rows that have neither a name nor a description are left out."""
    rows = await reader.table(COLUMNS)
    ports = [_port(int(index), row) for index, row in rows.items() if index.isdigit() and _real(row)]
    return sorted(ports, key=lambda port: port.ifIndex)


def _real(row: Mapping[str, Value]) -> bool:
    return any(name in row for name in ("descr", "name", "oper"))


def _port(index: int, row: Mapping[str, Value]) -> Port:
    descr, name = text(row.get("descr")), text(row.get("name"))
    return Port(
        ifIndex=index,
        ifName=name or descr,
        ifDescr=descr or name,
        ifAlias=text(row.get("alias")),
        ifSpeed=_speed(row),
        ifType=TYPES.get(integer(row.get("type")), text(row.get("type"))) or None,
        ifOperStatus=OPER.get(integer(row.get("oper"))),
        ifAdminStatus=ADMIN.get(integer(row.get("admin"))),
        ifPhysAddress=mac(row.get("mac")) or None,
        ifMtu=integer(row.get("mtu")) or None,
        ifDuplex=DUPLEX.get(integer(row.get("duplex"))),
    )


def _speed(row: Mapping[str, Value]) -> int | None:
    """ifSpeed ends at 4.29 Gbit/s (2**32 - 1); ifHighSpeed goes on in Mbit/s, but is 0 on some agents."""
    speed, high = integer(row.get("speed")), integer(row.get("high_speed")) * 1_000_000
    if speed in (0, FULL) or high > speed:
        speed = high or speed
    return speed if "speed" in row or "high_speed" in row else None
