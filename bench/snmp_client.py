"""CPU of reading 10 columns x 48 interfaces by SNMP: ours, the library's bare sockets, pysnmp's GETBULKs.

Needs an agent on PORT that answers for any 127.x.y.z with 48 interfaces (community "public"):

    python bench/snmp_client.py --port PORT [--devices 300] [--uvloop]

All in one run, interleaved, median of three, warm; CPU is user and system time of this process.
Ratio 1 is our client as the poller uses it.
"""

import argparse
import asyncio
import select
import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import uvloop
from gufo.snmp._fast import GetIter, SnmpV2cClientSocket
from pysnmp.hlapi.v1arch.asyncio import (
    CommunityData,
    SnmpDispatcher,
    UdpTransportTarget,
    bulk_cmd,
)
from pysnmp.proto.rfc1902 import Null

from probes.credentials import SnmpCommunity
from probes.kinds import KINDS
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.target import Target

COLUMNS = [f"1.3.6.1.2.1.31.1.1.1.{column}" for column in (6, 7, 10, 11, 15)]
COLUMNS += [f"1.3.6.1.2.1.2.2.1.{column}" for column in (8, 13, 14, 19, 20)]
ROWS = 48
PAGE = 25
AT_ONCE = 50
Work = Callable[[int, Sequence[str]], Coroutine[Any, Any, int]]


async def batches(
    addresses: Sequence[str], one: Callable[[str], Awaitable[int]], at_once: int = AT_ONCE
) -> int:
    """Run `one` for all addresses, some at once; the sum of varbinds."""
    total = 0
    for at in range(0, len(addresses), at_once):
        total += sum(await asyncio.gather(*(one(address) for address in addresses[at : at + at_once])))
    return total


async def ours(port: int, addresses: Sequence[str], page: int = PAGE) -> int:
    """SnmpClient.walk_many with pages of 25 rows, its default."""

    async def one(address: str) -> int:
        settings = SnmpSettings(port=port, max_repetitions=page)
        async with SnmpClient(Target(address), SnmpCommunity("public"), settings) as client:
            return sum(map(len, await client.walk_many(COLUMNS)))

    return await batches(addresses, one)


async def ours_whole(port: int, addresses: Sequence[str]) -> int:
    """The same with a column a packet, as the poller asks once it knows the number of rows."""
    return await ours(port, addresses, ROWS + 1)


async def poll(port: int, addresses: Sequence[str]) -> int:
    """The whole kind `snmp`: 12 columns walked for 10 stored, names and metrics included; stored values."""
    kind = KINDS["snmp"]
    options = kind.Options.from_dict({"port": port})

    async def one(address: str) -> int:
        readings = await kind.collect(Target(address), options, SnmpCommunity("public"))
        if readings.error:
            raise RuntimeError(readings.error)
        return sum(len(column.values) for column in readings.columns)

    return await batches(addresses, one)


async def bare(port: int, addresses: Sequence[str]) -> int:
    """The library's sockets and nothing else: no loop, no check, no retry, the rows thrown away."""
    total = 0
    for address in addresses:
        link = SnmpV2cClientSocket(f"{address}:{port}", "public", 0, 0, 0, 0)
        for column in COLUMNS:
            place: Any = GetIter(column, PAGE)
            rows: list[Any] = []
            while not rows or rows[-1] is not None:
                link.send_get_bulk(place)
                select.select([link.get_fd()], [], [], 5)
                rows = link.recv_get_bulk(place)
                total += len(rows) - (rows[-1] is None)
    return total


async def pysnmp(port: int, addresses: Sequence[str]) -> int:
    """pysnmp's cheapest way (v1arch, no MIB lookup): two GETBULKs of 25 rows a column, not even read."""
    dispatcher = SnmpDispatcher()

    async def one(address: str) -> int:
        target = await UdpTransportTarget.create((address, port), timeout=5)
        for column in COLUMNS:
            for start in (column, f"{column}.{PAGE}"):
                error, status, _, _ = await bulk_cmd(
                    dispatcher, CommunityData("public"), target, 0, PAGE, (start, Null(""))
                )
                if error or status:
                    raise RuntimeError(f"{error} {status}")
        return ROWS * len(COLUMNS)

    try:
        return await batches(addresses, one, 32)
    finally:
        dispatcher.close()


def measure(work: Work, port: int, devices: int, loop: Any) -> float:
    """CPU in microseconds a varbind."""
    addresses = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(devices)]
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work(port, addresses[:2]))
        begun = time.process_time()
        total = runner.run(work(port, addresses))
        return (time.process_time() - begun) * 1e6 / total


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--devices", type=int, default=300)
    parser.add_argument("--uvloop", action="store_true")
    given = parser.parse_args()
    loop = uvloop.new_event_loop if given.uvloop else None
    works: dict[str, tuple[Work, int]] = {
        "ours, a column a packet": (ours_whole, given.devices),
        "ours, 25 rows a packet": (ours, given.devices),
        "whole poll, a stored value": (poll, given.devices),
        "library's bare sockets, 25 rows": (bare, given.devices),
        "pysnmp, GETBULKs alone": (pysnmp, max(10, given.devices // 10)),
    }
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(3):
        for name, (work, devices) in works.items():
            found[name].append(measure(work, given.port, devices, loop))
    unit = statistics.median(found["ours, a column a packet"])
    print(f"{'':34}{'µs CPU':>8}{'ratio':>8}")
    for name, times in found.items():
        cost = statistics.median(times)
        print(f"{name:34}{cost:8.2f}{cost / unit:8.2f}")


if __name__ == "__main__":
    main()
