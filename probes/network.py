"""The one door to the network: names are resolved, and addresses checked, here."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final


class NetworkError(Exception):
    """A name that does not resolve, or an address that may not be spoken to: one clear line."""


# Cloud metadata services live on link-local addresses, and some on two others, and hand out credentials to
# whoever asks.
_DENIED: Final = tuple(
    ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32")
)
_NOWHERE: Final = tuple(
    ip_network(text) for text in ("0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8", "255.255.255.255/32")
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be spoken to. Link-local and metadata addresses only where `link_local` says so."""

    link_local: bool = False

    def check(self, address: str) -> None:
        """Raise NetworkError where `address` (numeric) may not be spoken to."""
        number: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
        if isinstance(number, IPv6Address) and number.ipv4_mapped:
            number = number.ipv4_mapped
        if any(number in net for net in _NOWHERE):
            raise NetworkError(f"{address} is not an address of a host")
        if not self.link_local and any(number in net for net in _DENIED):
            raise NetworkError(f"{address} is a link-local or metadata address, which is not allowed")


_current: Policy = Policy()


def use(policy: Policy) -> None:
    """Make `policy` the one of this process."""
    global _current
    _current = policy


async def resolve(host: str, timeout: float = 5.0) -> str:
    """A numeric address for a host, the first the system names; NetworkError where there is none to speak to.

    What is checked is what is spoken to: callers must connect to the returned address, not to the name.
    """
    address = _numeric(host)
    if address is None:
        address = await _look_up(host, timeout)
    _current.check(address)
    return address


async def connect(
    host: str, port: int, tls: ssl.SSLContext | None = None, server_name: str = ""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TCP connection, with TLS where a context is given; raises NetworkError or OSError.

    Callers bound the time; the stream's buffers bound the memory.
    """
    address = await resolve(host)
    return await asyncio.open_connection(
        address, port, ssl=tls, server_hostname=(server_name or host) if tls else None
    )


def check_literal(host: str) -> None:
    """NetworkError for a numeric address that may not be spoken to; a name is looked at when it is used."""
    address = _numeric(host)
    if address is not None:
        _current.check(address)


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Hold libraries that open sockets by themselves to the policy, for this thread (or asyncio task).

    The very address that is connected to is looked at, so a name that resolves otherwise a moment later
    changes nothing. Yields what was refused: libraries like to swallow the NetworkError. Threads that a
    library starts for itself are not seen: check its host first.
    """
    _install_guard()
    refused: list[str] = []
    token = _refusals.set(refused)
    try:
        yield refused
    finally:
        _refusals.reset(token)


_refusals: ContextVar[list[str] | None] = ContextVar("refusals", default=None)
_installed = False


def _install_guard() -> None:
    """PEP 578: Python tells of each connection before it is made. A hook cannot be taken away again."""
    global _installed
    if not _installed:
        _installed = True
        sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return
    refused = _refusals.get()
    if refused is None or not isinstance(arguments[1], tuple):
        return
    try:
        for address in _addresses_of(str(arguments[1][0])):
            _current.check(address)
    except NetworkError as error:
        refused.append(str(error))
        raise


def _addresses_of(host: str) -> list[str]:
    address = _numeric(host.partition("%")[0])
    if address is not None:
        return [address]
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def reason(error: OSError) -> str:
    """What went wrong with a connection, in a few lower-case words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
    if error.errno:
        return os.strerror(error.errno).lower()
    return str(error) or type(error).__name__


def _numeric(host: str) -> str | None:
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        return None


async def _look_up(host: str, timeout: float) -> str:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise NetworkError(f"{host} did not resolve within {timeout:g} s") from None
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a valid name"
        raise NetworkError(f"{host[:100]} does not resolve: {why.lower()}") from None
    return str(found[0][4][0])
