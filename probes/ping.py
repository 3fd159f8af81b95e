"""Kind `ping`: loss and round trips, by fping where installed, else unprivileged ICMP, else TCP connects.

The note "method" says which. `collect_many` serves a batch with one fping process for each set of options.
"""

import asyncio
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import icmplib

from probes.credentials import Credential
from probes.kind import Job, Kind
from probes.network import NetworkError, resolve
from probes.options import Options, option
from probes.readings import SCALAR, Column, Readings
from probes.target import Target

_BATCH: Final = 500  # addresses a process: far below the longest command line
_LINE: Final = re.compile(r"^(\S+)\s*:(.*)$")
_TCP_PORTS: Final = (443, 22, 80)
_GAP: Final = 5  # seconds that a process may take longer than its probes do


@dataclass(frozen=True, slots=True)
class PingOptions(Options):
    """How many probes, how far apart, how long to wait for each."""

    count: int = option(3, "probes to send", minimum=1, maximum=20)
    timeout: float = option(1.0, "seconds to wait for an answer to one", minimum=0.05, maximum=10)
    interval: float = option(0.1, "seconds between two", minimum=0.01, maximum=5)
    size: int = option(56, "bytes of payload", minimum=12, maximum=9000)


@dataclass(frozen=True, slots=True)
class Trips:
    """Round trips in seconds, None for a probe that got no answer, or a reason why none could be sent."""

    times: Sequence[float | None]
    method: str
    problem: str = ""


async def collect(target: Target, options: PingOptions, credential: Credential | None) -> Readings:
    """Ping one target."""
    return (await collect_many([(target, options, credential)]))[0]


async def collect_many(jobs: Sequence[Job]) -> list[Readings]:
    """Ping many at once; results in the order of `jobs`."""
    begun = time.perf_counter()
    addresses = await asyncio.gather(*(_resolved(target.address) for target, _, _ in jobs))
    groups: dict[PingOptions, dict[str, None]] = {}
    for (_, options, _), address in zip(jobs, addresses, strict=True):
        if isinstance(address, str):
            groups.setdefault(options, {})[address] = None
    answers = await asyncio.gather(*(_trips(list(group), options) for options, group in groups.items()))
    found = dict(zip(groups, answers, strict=True))
    spent = time.perf_counter() - begun
    return [
        _readings(found[options][address], spent) if isinstance(address, str) else _refused(address)
        for (_, options, _), address in zip(jobs, addresses, strict=True)
    ]


async def _resolved(host: str) -> str | NetworkError:
    try:
        return await resolve(host)
    except NetworkError as error:
        return error


def _refused(error: NetworkError) -> Readings:
    return Readings(error=str(error))


def _readings(trips: Trips, spent: float) -> Readings:
    times = [value for value in trips.times if value is not None]
    sent = len(trips.times)
    notes = {"method": trips.method}
    if not sent:
        return Readings(error=trips.problem or "no probe could be sent", duration=spent, notes=notes)
    columns = [Column("ping.loss", SCALAR, (100.0 * (sent - len(times)) / sent,))]
    if not times:
        why = trips.problem or f"no answer to {sent} probe{'s' if sent > 1 else ''}"
        return Readings(columns, why, spent, notes)
    mean = sum(times) / len(times)
    for metric, value in (("ping.rtt", mean), ("ping.rtt.min", min(times)), ("ping.rtt.max", max(times))):
        columns.append(Column(metric, SCALAR, (value,)))
    return Readings(columns, "", spent, notes)


async def _trips(addresses: list[str], options: PingOptions) -> Mapping[str, Trips]:
    program = shutil.which("fping")
    if program:
        chunks = [addresses[at : at + _BATCH] for at in range(0, len(addresses), _BATCH)]
        found: dict[str, Trips] = {}
        for part in await asyncio.gather(*(_fping(program, chunk, options) for chunk in chunks)):
            found.update(part)
        missing = [address for address in addresses if address not in found]
        if not missing:
            return found
        return {**found, **await _without_fping(missing, options)}
    return await _without_fping(addresses, options)


async def _fping(program: str, addresses: list[str], options: PingOptions) -> dict[str, Trips]:
    """One process for all; an empty or partial result where fping could not do its work."""
    milliseconds = {"-p": options.interval, "-t": options.timeout}
    arguments = [text for flag, value in milliseconds.items() for text in (flag, f"{value * 1000:.0f}")]
    process = await asyncio.create_subprocess_exec(
        program,
        *("-C", str(options.count), "-q", "-i", "1", "-b", str(options.size), *arguments, *addresses),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    longest = options.count * (options.interval + options.timeout + len(addresses) / 1000) + _GAP
    try:
        async with asyncio.timeout(longest):
            _, output = await process.communicate()
    except TimeoutError:
        return {}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return parse_fping(output.decode("utf-8", "replace"), set(addresses))


def parse_fping(output: str, addresses: set[str]) -> dict[str, Trips]:
    """What `fping -C n -q` writes: "10.0.0.1 : 0.04 - 0.05", in milliseconds, "-" for a lost one."""
    found: dict[str, Trips] = {}
    for line in output.splitlines():
        match = _LINE.match(line)
        if not match or match[1] not in addresses:
            continue
        try:
            times = [None if word == "-" else float(word) / 1000 for word in match[2].split()]
        except ValueError:
            continue  # a message such as "10.0.0.1 : error while sending ping: Network is unreachable"
        if times:
            found[match[1]] = Trips(times, "fping")
    return found


async def _without_fping(addresses: list[str], options: PingOptions) -> dict[str, Trips]:
    trips = await asyncio.gather(*(_one(address, options) for address in addresses))
    return dict(zip(addresses, trips, strict=True))


async def _one(address: str, options: PingOptions) -> Trips:
    try:
        host = await icmplib.async_ping(
            address,
            options.count,
            options.interval,
            options.timeout,
            privileged=False,
            payload_size=options.size,
        )
    except (icmplib.ICMPLibError, OSError):
        return await _by_tcp(address, options)
    answered = [trip / 1000 for trip in host.rtts]
    return Trips(answered + [None] * (options.count - len(answered)), "ICMP without privileges")


async def _by_tcp(address: str, options: PingOptions) -> Trips:
    """The quickest of a few ports; a refusal is an answer too."""
    times: list[float | None] = []
    for _ in range(options.count):
        times.append(await _quickest(address, options.timeout))
        await asyncio.sleep(options.interval)
    return Trips(times, "TCP connect, as ICMP is not allowed here")


async def _quickest(address: str, timeout: float) -> float | None:
    tries = [asyncio.create_task(_knock(address, port, timeout)) for port in _TCP_PORTS]
    try:
        for attempt in asyncio.as_completed(tries):
            spent = await attempt
            if spent is not None:
                return spent
        return None
    finally:
        for attempt in tries:
            attempt.cancel()


async def _knock(address: str, port: int, timeout: float) -> float | None:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
    except ConnectionRefusedError:
        return time.perf_counter() - begun
    except OSError:  # TimeoutError is one
        return None
    return time.perf_counter() - begun


KIND: Final = Kind("ping", "Ping", PingOptions, collect, collect_many=collect_many)
