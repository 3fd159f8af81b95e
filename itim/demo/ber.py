"""The little of ASN.1 BER (X.690) that an SNMP agent for v1 and v2c needs (RFC 1157, RFC 3416)."""

from typing import NamedTuple

# PDU kinds (RFC 3416 section 3)
GET, NEXT, RESPONSE, BULK = 0xA0, 0xA1, 0xA2, 0xA5
# types (RFC 2578)
INTEGER, OCTETS, NULL, OBJECT, SEQUENCE = 2, 4, 5, 6, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TICKS, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x46
# exceptions in the place of a value (RFC 3416 section 3)
NO_SUCH_INSTANCE, END_OF_VIEW = bytes((0x81, 0)), bytes((0x82, 0))

Oid = tuple[int, ...]


class Request(NamedTuple):
    """A decoded message; `second` and `third` are non-repeaters and max-repetitions in a GETBULK."""

    version: int
    community: bytes
    kind: int
    request_id: bytes
    second: int
    third: int
    oids: list[Oid]


def tlv(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A signed number, or an unsigned one that keeps its sign bit clear."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(numbers: Oid) -> bytes:
    body = bytearray((numbers[0] * 40 + numbers[1],))
    for number in numbers[2:]:
        chunk = [number & 0x7F]
        while number := number >> 7:
            chunk.append(number & 0x7F | 0x80)
        body.extend(reversed(chunk))
    return tlv(OBJECT, bytes(body))


def read_request(data: bytes) -> Request:
    """A message out of a datagram. ValueError or IndexError when it is not one."""
    _, at, _ = _header(data, 0)
    version, at = _content(data, at)
    community, at = _content(data, at)
    kind, at, _ = _header(data, at)
    request_id, at = _content(data, at)
    second, at = _content(data, at)
    third, at = _content(data, at)
    _, at, end = _header(data, at)
    oids = []
    while at < end:
        _, start, at = _header(data, at)
        name, _ = _content(data, start)
        oids.append(_numbers(name))
    return Request(_int(version), community, kind, request_id, _int(second), _int(third), oids)


def response(request: Request, varbinds: list[bytes], status: int = 0, index: int = 0) -> bytes:
    body = tlv(INTEGER, request.request_id) + integer(status) + integer(index)
    pdu = tlv(RESPONSE, body + tlv(SEQUENCE, b"".join(varbinds)))
    return tlv(SEQUENCE, integer(request.version) + tlv(OCTETS, request.community) + pdu)


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the content of what begins at `at`."""
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 0x80:
        count = size & 0x7F
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + size > len(data):
        raise ValueError("The message is shorter than it says")
    return tag, at, at + size


def _content(data: bytes, at: int) -> tuple[bytes, int]:
    _, start, end = _header(data, at)
    return data[start:end], end


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _numbers(data: bytes) -> Oid:
    numbers, value = [], 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        return ()
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - 40 * first, *numbers[1:])
