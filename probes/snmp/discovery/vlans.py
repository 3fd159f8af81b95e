"""Q-BRIDGE-MIB (RFC 4363): VLANs."""

from probes.snmp.discovery.reader import Reader, text
from probes.snmp.found import Vlan

STATIC_NAME, CURRENT = "1.3.6.1.2.1.17.7.1.4.3.1.1", "1.3.6.1.2.1.17.7.1.4.2.1.6"


async def read_vlans(reader: Reader) -> list[Vlan]:
    """Configured VLANs with their names, and those that are in use without being configured."""
    vlans: dict[int, str] = {}
    for index, name in (await reader.column(STATIC_NAME)).items():
        vlans[int(index.rsplit(".", 1)[-1])] = text(name)
    for index in await reader.column(CURRENT):
        vlans.setdefault(int(index.rsplit(".", 1)[-1]), "")
    return [Vlan(number, name) for number, name in sorted(vlans.items()) if 1 <= number <= 4094]
