"""LLDP-MIB (IEEE 802.1AB-2005), which lies under 1.0.8802: neighbors by local port."""

from collections.abc import Mapping

from probes.snmp.discovery.reader import Reader, mac, text
from probes.snmp.found import Link, Port
from probes.snmp.values import Value

REMOTE, LOCAL = "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.3.7.1"
COLUMNS = {
    "chassis": f"{REMOTE}.5",
    "port": f"{REMOTE}.7",
    "port_descr": f"{REMOTE}.8",
    "host": f"{REMOTE}.9",
    "version": f"{REMOTE}.10",
}
LOCALS = {"subtype": f"{LOCAL}.2", "id": f"{LOCAL}.3", "descr": f"{LOCAL}.4"}
BASE_PORT = "1.3.6.1.2.1.17.1.4.1.2"
ALIAS, MAC, NAME = "1", "3", "5"  # LldpPortIdSubtype


async def read_links(reader: Reader, ports: list[Port]) -> list[Link]:
    """The LLDP neighbors, by name of the local port."""
    rows = await reader.table(COLUMNS)
    if not rows:
        return []
    locate = Locator(ports, await reader.table(LOCALS), await reader.column(BASE_PORT))
    links = []
    for index, row in rows.items():
        parts = index.split(".")
        if len(parts) >= 3:
            links.append(_link(locate.port(parts[-2]), row))
    return links


def _link(port: Port, row: Mapping[str, Value]) -> Link:
    host = text(row.get("host")) or mac(row.get("chassis"))
    remote = text(row.get("port_descr")) or _id(row.get("port"))
    return Link("lldp", port.ifName or "", port.ifDescr or "", host, remote, text(row.get("version")))


def _id(value: Value | None) -> str:
    printable = isinstance(value, bytes) and value.isascii() and value.decode("ascii").isprintable()
    return text(value) if printable or not isinstance(value, bytes) else value.hex()


class Locator:
    """Which port a local LLDP number means: by its name in LLDP, then as bridge port, then ifIndex."""

    def __init__(
        self, ports: list[Port], locals_: Mapping[str, Mapping[str, Value]], base: Mapping[str, Value]
    ) -> None:
        self._by_index = {str(port.ifIndex): port for port in ports}
        self._by_name: dict[str, Port] = {}
        for port in reversed(ports):
            for name in (port.ifAlias, port.ifDescr, port.ifName):
                if name:
                    self._by_name[name] = port
        self._locals = locals_
        self._base = base

    def port(self, number: str) -> Port:
        """The port, or one that has but the name that LLDP gives it."""
        row = self._locals.get(number, {})
        names = [text(row.get("id")), text(row.get("descr"))]
        for name in names:
            if name in self._by_name:
                return self._by_name[name]
        if names[0] in self._by_index:
            return self._by_index[names[0]]
        index = text(self._base.get(number)) or number
        known = self._by_index.get(index) or self._by_index.get(number)
        return known or Port(0, next((name for name in names[::-1] if name), number))
