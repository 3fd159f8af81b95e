"""One line of the spool: a sweep that a kill, a full disk or a bad block cannot make look like another.

CRC32 AT BASE64(zlib(JSON))\n        CRC32 in hex over what follows it; AT in unix seconds
"""

import base64
import binascii
import json
import zlib
from typing import Any, NamedTuple


class Record(NamedTuple):
    at: float
    text: bytes  # the sweep's JSON


class Torn(ValueError):
    """The line is not what was written."""


def encode(sweep: dict[str, Any]) -> bytes:
    """The line, with its end."""
    text = json.dumps(sweep, separators=(",", ":"), allow_nan=False).encode()
    body = f"{sweep['at']:.3f} ".encode() + base64.b64encode(zlib.compress(text, 6))
    return f"{zlib.crc32(body):08x} ".encode() + body + b"\n"


def decode(line: bytes) -> Record:
    """Raises Torn."""
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    at, _, packed = body.partition(b" ")
    try:
        if checksum != b"%08x" % zlib.crc32(body):
            raise Torn("checksum")
        return Record(float(at), zlib.decompress(base64.b64decode(packed, validate=True)))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise Torn(str(error)) from error
