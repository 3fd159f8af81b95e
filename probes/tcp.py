"""Kind `tcp`: connects to a port; optionally sends a line and looks for text in what comes back."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from probes.credentials import Credential
from probes.kind import Kind
from probes.network import NetworkError, connect, reason
from probes.options import Options, option
from probes.readings import SCALAR, Column, Readings
from probes.target import Target

_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class TcpOptions(Options):
    """Where to connect, and what to expect there."""

    port: int = option(help="TCP port", minimum=1, maximum=65535)
    timeout: float = option(5.0, "seconds for the whole check", minimum=0.05, maximum=60)
    send: str = option("", "text to send after connecting", maximum=4096)
    expect: str = option("", "text that the answer must contain", maximum=4096)


async def collect(target: Target, options: TcpOptions, credential: Credential | None) -> Readings:
    """Connect once; `error` says why it did not work or what was not found."""
    begun = time.perf_counter()
    columns: list[Column] = []
    error = ""
    try:
        async with asyncio.timeout(options.timeout):
            error = await _talk(target, options, columns)
    except TimeoutError:
        error = (
            f"port {options.port}: no {'answer' if columns else 'connection'} within {options.timeout:g} s"
        )
    except NetworkError as failure:
        error = str(failure)
    except OSError as failure:
        error = f"port {options.port}: {reason(failure)}"
    return Readings(columns, error, time.perf_counter() - begun)


async def _talk(target: Target, options: TcpOptions, columns: list[Column]) -> str:
    begun = time.perf_counter()
    reader, writer = await connect(target.address, options.port)
    columns.append(Column("tcp.connect", SCALAR, (time.perf_counter() - begun,)))
    try:
        if options.send:
            writer.write(options.send.encode())
            await writer.drain()
        return await _expect(reader, options.expect.encode())
    finally:
        writer.close()


async def _expect(reader: asyncio.StreamReader, wanted: bytes) -> str:
    seen = b""
    while wanted not in seen:
        more = await reader.read(4096)
        if not more or len(seen) > _MOST_BYTES:
            return f"the answer does not contain {wanted.decode()!r}"
        seen += more
    return ""


KIND: Final = Kind("tcp", "TCP port", TcpOptions, collect)
