"""HTTP/1.1 through the one door to the network, with redirects, a cap on size, and time by phase."""

import asyncio
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol

import httpcore
import httpx

from probes.network import resolve

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_TO_GET: Final = (301, 302, 303)

# event of httpcore's trace → what is being done from then on
_BEGINS: Final = {
    "connection.start_tls.started": "tls",
    "http11.send_request_headers.started": "first_byte",
    "http11.receive_response_body.started": "transfer",
}
_LABELS: Final = {
    "dns": "name lookup",
    "connect": "connect",
    "tls": "TLS handshake",
    "first_byte": "waiting for the answer",
    "transfer": "reading the content",
}
_ENDS: Final = (
    "connection.start_tls.complete",
    "http11.receive_response_headers.complete",
    "http11.receive_response_body.complete",
)


class TooManyRedirects(Exception):
    """More redirects than allowed."""


class Request(Protocol):
    """What of the options the transport needs."""

    @property
    def method(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def redirects(self) -> int: ...
    @property
    def verify(self) -> bool: ...
    @property
    def limit(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Content:
    """The last answer; `cut` where the body was longer than allowed."""

    status: int
    url: str
    protocol: str
    body: bytes
    cut: bool


@dataclass(slots=True)
class Phases:
    """Seconds by phase, summed over redirects: dns, connect, tls, first_byte, transfer."""

    seconds: dict[str, float] = field(default_factory=dict)
    current: str = "dns"
    _since: float = 0.0

    @property
    def label(self) -> str:
        """The current phase in words."""
        return _LABELS[self.current]

    def begin(self, phase: str) -> None:
        """From now on time counts for `phase`."""
        self.current = phase
        self._since = time.perf_counter()

    def end(self) -> None:
        """The phase is over."""
        spent = time.perf_counter() - self._since
        self.seconds[self.current] = self.seconds.get(self.current, 0.0) + spent

    async def trace(self, event: str, _: dict[str, Any]) -> None:
        """httpcore's trace extension."""
        if event in _BEGINS:
            self.begin(_BEGINS[event])
        elif event in _ENDS:
            self.end()


class _Door(httpcore.AsyncNetworkBackend):
    """Connects through probes.network: the address that was checked is the one spoken to."""

    def __init__(self, phases: Phases) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._phases = phases

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self._phases.begin("dns")
        address = await resolve(host)
        self._phases.end()
        self._phases.begin("connect")
        stream = await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
        self._phases.end()
        return stream

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def fetch(url: httpx.URL, request: Request, headers: dict[str, str], phases: Phases) -> Content:
    """Request `url`, following redirects. Raises TooManyRedirects, NetworkError, httpcore's errors, OSError.

    "Authorization" goes to the first origin only, and never from https to http. Callers bound the time.
    """
    method, first, left = request.method, url, request.redirects
    async with httpcore.AsyncConnectionPool(
        ssl_context=_context(request.verify), network_backend=_Door(phases), http2=False
    ) as pool:
        while True:
            sent = headers if _same_origin(url, first) else _without_login(headers)
            body = request.body.encode() if method == "POST" else None
            onward, content = await _ask(pool, method, url, sent, body, request.limit, phases)
            if onward is None:
                return content
            if left == 0:
                if request.redirects == 0:
                    return content
                raise TooManyRedirects(f"more than {request.redirects} redirects, the last to {onward}"[:300])
            left -= 1
            if content.status in _TO_GET and method == "POST":
                method = "GET"
            url = onward


async def _ask(
    pool: httpcore.AsyncConnectionPool,
    method: str,
    url: httpx.URL,
    headers: dict[str, str],
    body: bytes | None,
    limit: int,
    phases: Phases,
) -> tuple[httpx.URL | None, Content]:
    """One request: where it redirects to, if so, and what came back."""
    address = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
    )
    length = {} if body is None else {"Content-Length": str(len(body))}
    sent = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers, **length}
    async with pool.stream(
        method, address, headers=list(sent.items()), content=body, extensions={"trace": phases.trace}
    ) as answer:
        onward = _location(url, answer)
        read, cut = await _read(answer, limit)
        version = answer.extensions.get("http_version", b"HTTP/1.1").decode("ascii", "replace")
        return onward, Content(answer.status, str(url), version, read, cut)


def _location(url: httpx.URL, answer: httpcore.Response) -> httpx.URL | None:
    if answer.status not in _REDIRECTS:
        return None
    for name, value in answer.headers:
        if name.lower() == b"location":
            try:
                onward = url.join(value.decode("utf-8", "replace"))
                check_port(onward)
            except (httpx.InvalidURL, ValueError):
                raise httpcore.RemoteProtocolError("redirect to something that is no address") from None
            if onward.scheme not in ("http", "https") or not onward.host:
                raise httpcore.RemoteProtocolError(f"redirect to {str(onward)[:200]}, which is not HTTP")
            return onward
    return None


def check_port(url: httpx.URL) -> None:
    """Raise ValueError for a port that TCP does not have; the library lets it through."""
    if url.port is not None and not 0 < url.port < 65_536:
        raise ValueError(f"there is no port {url.port}")


async def _read(answer: httpcore.Response, limit: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_stream():
        parts.append(part[: limit - size])
        size += len(part)
        if size > limit:
            return b"".join(parts), True
    return b"".join(parts), False


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _without_login(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in ("authorization", "cookie")}


@lru_cache(maxsize=2)  # reading the certificates of the system costs 20 ms
def _context(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
