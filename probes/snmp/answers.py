"""Reads from an answer's own bytes what the library hides: its error-status and oversized numbers.

Only looked at where an answer is odd, so it may be slow; it never raises for what the bytes hold.
"""

import re
from collections.abc import Iterator

_SUSPECT = re.compile(rb"\x46[\x0a-\x7f]").search
_NUMBERS = {0x02: 8, 0x41: 5, 0x42: 5, 0x43: 5, 0x46: 9, 0x47: 5}  # tag → most bytes


class _Broken(Exception):
    """The bytes are no BER."""


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the content of the element at `at`."""
    if at + 2 > len(data):
        raise _Broken
    tag, length, start = data[at], data[at + 1], at + 2
    if length > 0x80:
        start += length - 0x80
        length = int.from_bytes(data[at + 2 : start], "big")
    if start + length > len(data):
        raise _Broken
    return tag, start, start + length


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        tag, start, at = _element(data, at)
        yield tag, start, at


def _pdu(data: bytes) -> list[tuple[int, int, int]]:
    """The fields of the PDU in a v1 or v2c message (RFC 1157 section 4, RFC 1901 section 3)."""
    _, start, end = _element(data, 0)
    message = list(_fields(data, start, end))
    return list(_fields(data, message[2][1], message[2][2]))


def error_status(data: bytes) -> tuple[int, int]:
    """(error-status, error-index) of a v1 or v2c answer; (0, 0) where there is none to read."""
    try:
        fields = _pdu(data)
        status, index = (int.from_bytes(data[a:b], "big") for _, a, b in fields[1:3])
    except (_Broken, IndexError, ValueError):
        return 0, 0
    return status, index


def oversized(data: bytes) -> bool:
    """Whether a number in a v1 or v2c answer has more bytes than its type may have.

    The library would cut it silently. The search costs half a microsecond; the parse only follows suspicion.
    """
    return bool(_SUSPECT(data)) and _parse_oversized(data)


def _parse_oversized(data: bytes) -> bool:
    try:
        _, start, end = _pdu(data)[3]
        for _, a, b in _fields(data, start, end):
            tag, first, last = list(_fields(data, a, b))[1]
            if last - first > _NUMBERS.get(tag, last):
                return True
    except (_Broken, IndexError):
        return False
    return False
