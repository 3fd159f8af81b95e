"""The SNMP client of everything here: v1, v2c and v3 behind one class.

    async with SnmpClient(target, SnmpCommunity("public"), SnmpSettings()) as client:
        await client.get(["1.3.6.1.2.1.1.3.0"])
        await client.walk("1.3.6.1.2.1.31.1.1.1.1")

It wraps gufo-snmp's socket level, which is three times cheaper than its public one and lets an error-status
be told from an end, and adds what that lacks: retry, one request in flight, a check that OIDs increase, a cap
on rows and time, smaller pages after a timeout, cached keys.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeVar

from gufo.snmp._fast import SnmpV1ClientSocket, SnmpV2cClientSocket, SnmpV3ClientSocket
from gufo.snmp.user import User
from gufo.snmp.utils import format_sock_addr

from probes.credentials import SnmpCommunity, SnmpUser
from probes.network import NetworkError, resolve
from probes.snmp import steps
from probes.snmp.channel import Ask, Channel, Steps, T
from probes.snmp.errors import SnmpAuthError, SnmpError, SnmpTimeout, SnmpUnreachable
from probes.snmp.keys import user_of
from probes.snmp.values import Value, is_oid
from probes.target import Target

__all__ = ["DEFAULT_LIMIT", "SnmpClient", "SnmpSettings", "Value"]

V = TypeVar("V")

DEFAULT_LIMIT: Final = 50_000  # rows a walk
_PACKET_ROWS: Final = 50  # of 27 bytes each, the size of a Counter64 in a table: below 1,400 bytes
_MOST_AGENTS: Final = 65_536
_engines: dict[tuple[str, int], bytes] = {}  # (address, port) → engine id, saves a packet and its round trip
_weak: dict[tuple[str, int], int] = {}  # (address, port) → max-repetitions which it was found to bear


@dataclass(frozen=True, slots=True)
class SnmpSettings:
    """`timeout` is in seconds a try; `budget` is the seconds that one get, walk or table may take."""

    port: int = 161
    timeout: float = 2.0
    retries: int = 1
    max_repetitions: int = 25
    budget: float = 60.0


class SnmpClient:
    """A session with one agent. Every method raises SnmpError, whose text is one clear line.

    `problems` names what single values could not be read because the agent failed at them (genErr …).
    """

    def __init__(
        self, target: Target, credential: SnmpCommunity | SnmpUser, settings: SnmpSettings | None = None
    ) -> None:
        self._target = target
        self._credential = credential
        self._settings = settings or SnmpSettings()
        self._lock = asyncio.Lock()
        self._channel: Channel | None = None
        self._name = f"SNMP agent {target.address}"

    async def __aenter__(self) -> "SnmpClient":
        """Open the socket; v3 also learns the engine's id and clock, so this may raise SnmpTimeout."""
        try:
            self._address = await resolve(self._target.address)
        except NetworkError as error:
            raise SnmpUnreachable(str(error)) from None
        try:
            if isinstance(self._credential, SnmpUser):
                await self._open_secure(user_of(self._credential))
            else:
                self._open_plain(self._credential)
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the socket back; safe to call twice."""
        if self._channel:
            if self._talk.shrunk:
                _remember(_weak, self._key, self._talk.repetitions)
            self._channel.close()
            self._channel = None

    @property
    def problems(self) -> list[str]:
        """Values that the agent failed at, as "genErr at 1.3.6…"."""
        return self._talk.problems

    def expect_rows(self, rows: int) -> None:
        """Ask for whole columns of so many rows at once where an answer of such a size fits one packet.

        Has no effect once an answer was lost or the agent found a request too big.
        """
        talk = self._talk
        if talk.repetitions == self._settings.max_repetitions:
            talk.repetitions = max(talk.repetitions, min(rows + 1, _PACKET_ROWS))

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """Values of OIDs; a key is absent where the agent has no such value."""
        for oid in oids:
            _check(oid)
        return await self._run(steps.get(self._talk, oids))

    async def walk(self, base: str, limit: int = DEFAULT_LIMIT) -> dict[str, Value]:
        """Everything below `base`: suffix → value, in strictly increasing order.

        SnmpLoop and SnmpTruncated (more than `limit` rows) carry the rows read until then.
        """
        _check(base)
        return await self._run(steps.walk(self._talk, base, limit))

    async def walk_many(
        self, bases: Sequence[str], limit: int = DEFAULT_LIMIT, into: list[dict[str, Value]] | None = None
    ) -> list[dict[str, Value]]:
        """`walk` for several bases at one go; `into` keeps the finished ones when a later one fails."""
        for base in bases:
            _check(base)
        found = [] if into is None else into
        await self._run(steps.walk_many(self._talk, bases, limit, found))
        return found

    async def table(
        self, columns: Mapping[str, str], limit: int = DEFAULT_LIMIT
    ) -> dict[str, dict[str, Value]]:
        """Rows of a table, {index: {name: value}} for {name: OID of column}, in order of appearance."""
        rows: dict[str, dict[str, Value]] = {}
        for name, column in zip(columns, await self.walk_many(list(columns.values()), limit), strict=True):
            for index, value in column.items():
                rows.setdefault(index, {})[name] = value
        return rows

    async def _run(self, todo: Steps[T]) -> T:
        async with self._lock:
            if self._channel is None:
                raise SnmpError(f"{self._name}: session is closed")
            return await self._channel.run(todo)

    def _open_plain(self, credential: SnmpCommunity) -> None:
        kind = SnmpV1ClientSocket if credential.version == "1" else SnmpV2cClientSocket
        self._listen(lambda at: kind(at, credential.community, 0, 0, 0, 0), bulk=credential.version != "1")

    def _listen(self, connect: Any, bulk: bool = True, plain: bool = True) -> None:
        settings = self._settings
        self.close()
        self._key = (self._address, settings.port)
        try:
            link = connect(format_sock_addr(self._address, settings.port))
        except (OSError, ValueError) as error:
            raise SnmpUnreachable(f"{self._name}: {error}") from None
        self._channel = channel = Channel(
            link, self._name, settings.timeout, settings.retries, settings.budget, plain
        )
        self._talk = steps.Talk(
            link,
            self._name,
            lambda: channel.status,
            bulk,
            min(settings.max_repetitions, _weak.get(self._key, settings.max_repetitions)),
            settings.retries,
        )

    async def _open_secure(self, user: User) -> None:
        key = (self._address, self._settings.port)
        try:
            await self._greet(user, _engines.get(key, b""))
        except (SnmpTimeout, SnmpAuthError):
            if _engines.pop(key, None) is None:
                raise
            await self._greet(user, b"")  # another device may have moved in behind this address
        _remember(_engines, key, self._talk.link.get_engine_id())

    async def _greet(self, user: User, engine: bytes) -> None:
        """Learn the engine's id where it is not known, then its boots and time (RFC 3414 section 4)."""
        first = user if engine else User.default()
        self._listen(lambda at: SnmpV3ClientSocket(at, engine, *_login(first), 0, 0, 0, 0), plain=False)
        link = self._talk.link
        refresh = Ask(link.send_refresh, link.recv_refresh)
        if not engine:
            await self._run(_once(refresh))
            link.set_keys(*_login(user))
        if user.require_auth():
            await self._run(_once(refresh))


def _remember(cache: dict[tuple[str, int], V], key: tuple[str, int], value: V) -> None:
    if len(cache) >= _MOST_AGENTS:
        cache.clear()
    cache[key] = value


def _login(user: User) -> tuple[str, int, bytes, int, bytes]:
    return (
        user.name,
        user.get_auth_alg(),
        user.get_auth_key(),
        user.get_priv_alg(),
        user.get_priv_key(),
    )


def _once(ask: Ask) -> Steps[None]:
    yield ask


def _check(oid: str) -> None:
    if not is_oid(oid):
        raise ValueError(f"not a numeric OID: {oid!r}")
