"""BGP4-MIB (RFC 4273)."""

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import BgpPeer

BASE = "1.3.6.1.2.1.15.3.1"
LOCAL_AS = "1.3.6.1.2.1.15.2.0"
COLUMNS = {
    "state": f"{BASE}.2",
    "admin": f"{BASE}.3",
    "local": f"{BASE}.5",
    "peer": f"{BASE}.7",
    "remote_as": f"{BASE}.9",
}
STATES = {1: "idle", 2: "connect", 3: "active", 4: "opensent", 5: "openconfirm", 6: "established"}
ADMIN = {1: "stop", 2: "start"}


async def read_peers(reader: Reader) -> list[BgpPeer]:
    """BGP neighbors over IPv4."""
    rows = await reader.table(COLUMNS)
    own = integer(await reader.scalar(LOCAL_AS)) if rows else 0
    peers = []
    for index, row in rows.items():
        state = STATES.get(integer(row.get("state")))
        if state and "remote_as" in row:
            number = integer(row["remote_as"]) % 2**32
            peer = BgpPeer(text(row.get("peer")) or index, number, state, local_as=own or None)
            peer.admin = ADMIN.get(integer(row.get("admin")), "")
            peer.local_addr = text(row.get("local"))
            peers.append(peer)
    return peers
