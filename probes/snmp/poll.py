"""Kind `snmp`: reads sysUpTime, the points that discovery found, and the interface columns."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

from probes.credentials import Credential, SnmpCommunity, SnmpUser
from probes.kind import Kind
from probes.options import Options, option
from probes.readings import SCALAR, Column, Readings
from probes.snmp import interfaces, points
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.errors import SnmpError
from probes.snmp.points import Point
from probes.snmp.values import is_oid
from probes.target import Target

SYS_UPTIME: Final = "1.3.6.1.2.1.1.3.0"  # hundredths of a second (RFC 3418)
IF_TABLE_LAST_CHANGE: Final = "1.3.6.1.2.1.31.1.5.0"  # the sysUpTime of then (RFC 2863)
_MOST_POINTS: Final = 20_000


def _parse_points(data: Any) -> tuple[Point, ...]:
    if not isinstance(data, (list, tuple)):
        raise ValueError("must be a list of points")
    if len(data) > _MOST_POINTS:
        raise ValueError(f"must have at most {_MOST_POINTS} entries")
    return tuple(_parse_point(item, at) for at, item in enumerate(data))


def _parse_point(item: Any, at: int) -> Point:
    if isinstance(item, Point):
        return item
    if not isinstance(item, (list, tuple)):
        raise ValueError(f"entry {at}: must be [oid, metric, instance, scale]")
    try:
        point = Point.from_list(item)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"entry {at}: {error}") from None
    for oid in points.oids([point]):
        if not is_oid(oid):
            raise ValueError(f"entry {at}: {oid!r} is not a numeric OID")
    return point


@dataclass(frozen=True, slots=True)
class SnmpOptions(Options):
    """How to poll a device by SNMP; `points` come from discovery."""

    port: int = option(161, "UDP port", minimum=1, maximum=65535)
    timeout: float = option(2.0, "seconds to wait for one answer", minimum=0.05, maximum=60)
    retries: int = option(1, "times to ask again", minimum=0, maximum=10)
    budget: float = option(45.0, "seconds that one poll may take", minimum=1, maximum=600)
    max_repetitions: int = option(25, "rows asked for at once", minimum=1, maximum=100)
    interfaces: bool = option(True, "read the interface table")
    points: tuple[Point, ...] = option(
        (),
        "values to read: [oid, metric, instance, scale]",
        parse=_parse_points,
        dump=lambda found: [point.to_list() for point in found],
    )


async def collect(target: Target, options: SnmpOptions, credential: Credential | None) -> Readings:
    """Poll once; `error` says what the agent or the way to it did, `columns` hold what was read by then."""
    if not isinstance(credential, (SnmpCommunity, SnmpUser)):
        return Readings(error="SNMP needs a community or a user")
    run = _Run(options, credential)
    begun = time.perf_counter()
    error = await run.read(target)
    return Readings(run.columns, error, time.perf_counter() - begun, run.notes, run.uptime)


class _Run:
    """One poll in the making: what was read so far survives an error."""

    def __init__(self, options: SnmpOptions, credential: SnmpCommunity | SnmpUser) -> None:
        self.options = options
        self.credential = credential
        self.columns: list[Column] = []
        self.notes: dict[str, str] = {}
        self.uptime: float | None = None

    async def read(self, target: Target) -> str:
        """Read all; the error as one line, or nothing."""
        try:
            async with asyncio.timeout(self.options.budget):
                async with SnmpClient(target, self.credential, self._settings()) as client:
                    await self._read(client)
        except TimeoutError:
            return f"SNMP agent {target.address}: not done within {self.options.budget:g} s"
        except SnmpError as error:
            return str(error)
        return ""

    def _settings(self) -> SnmpSettings:
        given = self.options
        return SnmpSettings(given.port, given.timeout, given.retries, given.max_repetitions, given.budget)

    async def _read(self, client: SnmpClient) -> None:
        await self._read_points(client)
        if self.options.interfaces:
            await interfaces.read(client, self._high(), self.columns)

    def _high(self) -> bool:
        """Whether the protocol has 64-bit counters, and absent objects that spoil no other's answer."""
        return not (isinstance(self.credential, SnmpCommunity) and self.credential.version == "1")

    async def _read_points(self, client: SnmpClient) -> None:
        wanted = self.options.points
        also = [IF_TABLE_LAST_CHANGE] if self.options.interfaces and self._high() else []
        values = await client.get([SYS_UPTIME, *also, *points.oids(wanted)])
        ticks = values.get(SYS_UPTIME)
        if isinstance(ticks, int):
            self.uptime = ticks / 100
            self.columns.append(Column("uptime", SCALAR, (self.uptime,)))
        changed = values.get(IF_TABLE_LAST_CHANGE) if also else None
        if isinstance(changed, int):
            self.columns.append(Column("if.table.changed", SCALAR, (changed / 100,)))
        self.columns += points.read(wanted, values)
        if client.problems:
            self.notes["unreadable"] = f"{len(client.problems)} values, the first {client.problems[0]}"


KIND: Final = Kind("snmp", "SNMP", SnmpOptions, collect, needs_credential=("SnmpCommunity", "SnmpUser"))
