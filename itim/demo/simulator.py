"""SNMP agents (v1, v2c) on loopback addresses, one for each simulated device, in one process.

`python -m itim.demo.simulator --port 10161` answers until it is ended. A device that is down in the
company does not answer. The address 127.64.0.1 is one device, whatever else listens on the machine.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable, Sequence

from itim.demo import ber
from itim.demo.company import COMMUNITY, DEVICES, DemoDevice
from itim.demo.mib import Mib
from itim.demo.profiles import build

log = logging.getLogger(__name__)

Clock = Callable[[], float]
"""Seconds since 1970: the present, or the past while it is being made up."""

ROOM = 1400
"""Bytes of varbinds in one answer: it fits an Ethernet frame."""
NO_SUCH_NAME = 2


class Agent(asyncio.DatagramProtocol):
    """Answers for one device; garbage and a wrong community get no answer, as real agents do."""

    def __init__(self, mib: Mib, community: bytes, clock: Clock = time.time) -> None:
        self.mib = mib
        self.community = community
        self.clock = clock
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        answer = self.answer(data, self.clock())
        if answer and self.transport:
            self.transport.sendto(answer, peer)

    def answer(self, data: bytes, now: float) -> bytes | None:
        """The answer to a datagram at a time in seconds since 1970, or None."""
        try:
            request = ber.read_request(data)
        except (ValueError, IndexError):
            return None
        if request.community != self.community or request.version > 1:
            return None
        if request.kind == ber.GET:
            return self._get(request, now)
        if request.kind == ber.NEXT:
            return self._next(request, now)
        return self._bulk(request, now) if request.kind == ber.BULK else None

    def _get(self, request: ber.Request, now: float) -> bytes:
        found = [self.mib.find(oid) for oid in request.oids]
        if request.version == 0 and None in found:
            return self._refuse(request, found.index(None))
        return ber.response(
            request,
            [
                _missing(oid, ber.NO_SUCH_INSTANCE) if at is None else self.mib.varbind(at, now)
                for oid, at in zip(request.oids, found, strict=True)
            ],
        )

    def _next(self, request: ber.Request, now: float) -> bytes:
        found = [self.mib.after(oid) for oid in request.oids]
        end = len(self.mib.oids)
        if request.version == 0 and end in found:
            return self._refuse(request, found.index(end))
        pairs = zip(request.oids, found, strict=True)
        return ber.response(request, [self._or_end(oid, at, now) for oid, at in pairs])

    def _bulk(self, request: ber.Request, now: float) -> bytes:
        fixed = request.oids[: max(request.second, 0)]
        varbinds = [self._or_end(oid, self.mib.after(oid), now) for oid in fixed]
        places = [self.mib.after(oid) for oid in request.oids[len(fixed) :]]
        room = ROOM - sum(map(len, varbinds))
        for _ in range(max(request.third, 0)):
            if not places or all(at >= len(self.mib.oids) for at in places):
                break
            row = [self._or_end(request.oids[-1], at, now) for at in places]
            room -= sum(map(len, row))
            if room < 0 and varbinds:
                break
            varbinds += row
            places = [at + 1 for at in places]
        return ber.response(request, varbinds or [_missing(oid, ber.END_OF_VIEW) for oid in request.oids])

    def _or_end(self, oid: ber.Oid, at: int, now: float) -> bytes:
        return self.mib.varbind(at, now) if at < len(self.mib.oids) else _missing(oid, ber.END_OF_VIEW)

    def _refuse(self, request: ber.Request, at: int) -> bytes:
        nulls = [_missing(oid, bytes((ber.NULL, 0))) for oid in request.oids]
        return ber.response(request, nulls, NO_SUCH_NAME, at + 1)


def _missing(oid: ber.Oid, value: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, ber.oid(oid) + value)


async def serve(
    port: int,
    devices: Sequence[DemoDevice],
    ready: asyncio.Event | None = None,
    clock: Clock = time.time,
) -> None:
    """Answer for the devices until cancelled, as of the clock. OSError when an address's port is taken."""
    loop = asyncio.get_running_loop()
    transports = []
    try:
        for device in devices:
            mib = build(device)
            transport, _ = await loop.create_datagram_endpoint(
                lambda mib=mib: Agent(mib, COMMUNITY.encode(), clock),  # type: ignore[misc]
                local_addr=(device.address, port),
            )
            transports.append(transport)
        if ready:
            ready.set()
        await asyncio.Event().wait()
    finally:
        for transport in transports:
            transport.close()


async def greet(port: int, devices: Sequence[DemoDevice]) -> None:
    """The servers let anybody connect by TCP, as SSH and RDP would, and hang up. OSError as serve."""

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    for device in devices:
        if device.role == "server":
            await asyncio.start_server(hang_up, device.address, port)


async def _all(port: int) -> None:
    alive = [device for device in DEVICES if not device.down]
    await greet(port, alive)
    await serve(port, alive)


async def _until_ended(port: int) -> None:
    task = asyncio.create_task(_all(port))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=10161)
    given = parser.parse_args()
    try:
        asyncio.run(_until_ended(given.port))
    except OSError as error:
        raise SystemExit(f"The simulated devices cannot listen on port {given.port}: {error}") from None


if __name__ == "__main__":
    main()
