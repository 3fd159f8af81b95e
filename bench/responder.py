"""A 48-port switch that answers SNMP v2c (community "public") on every 127.x.y.z: whom the benchmarks poll.

`python -m bench.responder PORT`. Addresses from 127.0.200.0 to 127.0.255.255 are dead. It is Python, and slow
(some 200 microseconds a request): it shares the machine with what is measured; its own CPU never counts.
A faster program with the same behavior may be named by ITIM_BENCH_AGENT.
"""

import os
import socket
import struct
import sys
import time

from itim.demo import ber
from itim.demo.curves import Curve
from itim.demo.mib import Mib
from itim.demo.simulator import Agent

COMMUNITY = b"public"
PKTINFO = 8  # IP_PKTINFO, ip(7): which address a datagram came to, and which one an answer leaves from


def command() -> list[str]:
    """How to start whoever answers; the port is to be appended."""
    given = os.environ.get("ITIM_BENCH_AGENT")
    return [given] if given else [sys.executable, "-m", "bench.responder"]


def switch(ports: int = 48) -> Mib:
    """System group, ifTable and ifXTable."""
    mib = Mib()
    mib.text("1.3.6.1.2.1.1.1.0", "48-port switch")
    mib.name("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.9.1.1208")
    mib.ticks("1.3.6.1.2.1.1.3.0", time.time() - 4_000_000)
    mib.text("1.3.6.1.2.1.1.5.0", "switch")
    low, high, flat = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1", Curve("flat")
    for port in range(1, ports + 1):
        name = f"Gi1/0/{port}"
        mib.table(low, port, {1: port, 2: name, 3: 6, 4: 1500, 7: 1, 8: 1 if port % 7 else 2})
        mib.number(f"{low}.5.{port}", 10**9, ber.GAUGE32)
        for column in (10, 13, 14, 16, 19, 20):
            mib.counter(f"{low}.{column}.{port}", port, flat, bits=32)
        for column in (6, 7, 10, 11):
            mib.counter(f"{high}.{column}.{port}", port * 1000, flat)
        mib.text(f"{high}.1.{port}", name)
        mib.number(f"{high}.15.{port}", 1000, ber.GAUGE32)
        mib.text(f"{high}.18.{port}", "")
    return mib.seal()


def main() -> None:
    agent = Agent(switch(), COMMUNITY)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.IPPROTO_IP, PKTINFO, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        server.bind(("0.0.0.0", int(sys.argv[1])))
        while True:
            data, ancillary, _, peer = server.recvmsg(65535, 64)
            here = ancillary[0][2][8:12]
            if here[0] != 127 or (here[1] == 0 and here[2] >= 200):
                continue
            if answer := agent.answer(data, time.time()):
                origin = struct.pack("=I4s4s", 0, here, bytes(4))
                server.sendmsg([answer], [(socket.IPPROTO_IP, PKTINFO, origin)], 0, peer)


if __name__ == "__main__":
    main()
