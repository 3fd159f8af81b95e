"""A small SNMP agent (v1, v2c) for tests, honest or lying in one named way. Its BER is its own."""

import asyncio
import socket
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

GET, GETNEXT, RESPONSE, GETBULK = 0xA0, 0xA1, 0xA2, 0xA5
NULL = b"\x05\x00"
NO_SUCH_INSTANCE, END_OF_MIB = b"\x81\x00", b"\x82\x00"
TOO_BIG, NO_SUCH_NAME, GEN_ERR = 1, 2, 5

Oid = tuple[int, ...]
Varbind = tuple[Oid, bytes]


def oid(text: str) -> Oid:
    return tuple(map(int, text.split(".")))


def tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = 2) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def text(value: str) -> bytes:
    return tlv(4, value.encode())


def _base128(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def encode_oid(value: Oid) -> bytes:
    return tlv(6, b"".join(map(_base128, (value[0] * 40 + value[1], *value[2:]))))


def decode_oid(data: bytes) -> Oid:
    parts, current = [], 0
    for byte in data:
        current = current << 7 | byte & 0x7F
        if not byte & 0x80:
            parts.append(current)
            current = 0
    return (min(parts[0] // 40, 2), parts[0] - 40 * min(parts[0] // 40, 2), *parts[1:])


def elements(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        found.append((tag, data[at : at + length]))
        at += length
    return found


@dataclass
class Request:
    version: int
    community: bytes
    kind: int
    number: bytes
    second: int
    third: int
    oids: list[Oid]

    @classmethod
    def parse(cls, data: bytes) -> "Request":
        (_, message), *_ = elements(data)
        (_, version), (_, community), (kind, pdu) = elements(message)
        (_, number), (_, second), (_, third), (_, names) = elements(pdu)
        oids = [decode_oid(elements(varbind)[0][1]) for _, varbind in elements(names)]
        numbers = (int.from_bytes(part, "big") for part in (second, third))
        return cls(version[0], community, kind, number, *numbers, oids)

    def answer(self, varbinds: list[Varbind], status: int = 0, index: int = 0, number: bytes = b"") -> bytes:
        body = tlv(0x30, b"".join(tlv(0x30, encode_oid(name) + value) for name, value in varbinds))
        head = tlv(2, number or self.number) + integer(status) + integer(index)
        message = integer(self.version) + tlv(4, self.community) + tlv(RESPONSE, head + body)
        return tlv(0x30, message)


@dataclass
class Agent(asyncio.DatagramProtocol):
    """Answers on 127.0.0.1; `lie` sees (agent, request, honest answer, address) and sends what it likes."""

    rows: Mapping[str, bytes]
    lie: Callable[["Agent", Request, bytes, tuple[str, int]], None] | None = None
    requests: list[Request] = field(default_factory=list)

    async def __aenter__(self) -> "Agent":
        self.table = sorted((oid(name), value) for name, value in self.rows.items())
        self.names = [name for name, _ in self.table]
        loop = asyncio.get_running_loop()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self.socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.close()

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = Request.parse(data)
        self.requests.append(request)
        honest = self.honest(request)
        if self.lie:
            self.lie(self, request, honest, address)
        else:
            self.send(honest, address)

    def send(self, data: bytes, address: tuple[str, int]) -> None:
        """Past asyncio, which sends no empty datagrams."""
        self.socket.sendto(data, address)

    def honest(self, request: Request) -> bytes:
        if request.kind == GETBULK:
            return request.answer(self.following(request.oids[0], request.third))
        pick = self.exactly if request.kind == GET else self.next
        varbinds = [pick(name) for name in request.oids]
        if request.version == 0:
            for index, (_, value) in enumerate(varbinds, 1):
                if value in (NO_SUCH_INSTANCE, END_OF_MIB):
                    return request.answer([(name, NULL) for name in request.oids], NO_SUCH_NAME, index)
        return request.answer(varbinds)

    def exactly(self, name: Oid) -> Varbind:
        at = bisect_right(self.names, name) - 1
        return self.table[at] if at >= 0 and self.names[at] == name else (name, NO_SUCH_INSTANCE)

    def next(self, name: Oid) -> Varbind:
        at = bisect_right(self.names, name)
        return self.table[at] if at < len(self.table) else (name, END_OF_MIB)

    def following(self, name: Oid, count: int) -> list[Varbind]:
        at = bisect_right(self.names, name)
        found = self.table[at : at + count]
        return found if len(found) == count else [*found, (found[-1][0] if found else name, END_OF_MIB)]


def send_from_elsewhere(data: bytes, address: tuple[str, int], host: str) -> None:
    """The same bytes out of another socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((host, 0))
        other.sendto(data, address)
