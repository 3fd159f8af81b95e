"""A simulated agent's objects: fixed values, and values that follow curves."""

import zlib
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from itim.demo import ber
from itim.demo.curves import Curve

Encoder = Callable[[float], bytes]

EPOCH = 1767225600.0
"""Where counters begin, 2026-01-01 UTC: recent, so that they look like those of devices."""


def parse(text: str) -> ber.Oid:
    return tuple(int(part) for part in text.split("."))


class Mib:
    """Objects in OID order; `varbind(position, now)` is what goes out."""

    def __init__(self) -> None:
        self._objects: dict[ber.Oid, bytes | Encoder] = {}
        self.oids: list[ber.Oid] = []
        self._varbinds: list[tuple[bytes, bytes | Encoder]] = []

    def text(self, oid: str, value: str | bytes) -> None:
        data = value.encode() if isinstance(value, str) else value
        self._objects[parse(oid)] = ber.tlv(ber.OCTETS, data)

    def number(self, oid: str, value: int, tag: int = ber.INTEGER) -> None:
        self._objects[parse(oid)] = ber.integer(value, tag)

    def name(self, oid: str, value: str) -> None:
        self._objects[parse(oid)] = ber.oid(parse(value))

    def address(self, oid: str, dotted: str) -> None:
        """An IPv4 address (IpAddress)."""
        self._objects[parse(oid)] = ber.tlv(ber.IP_ADDRESS, bytes(int(part) for part in dotted.split(".")))

    def gauge(self, oid: str, mean: float, curve: Curve, tag: int = ber.INTEGER) -> None:
        """`mean` times the curve, as a whole number."""
        self._objects[parse(oid)] = lambda now: ber.integer(round(mean * curve.now(now)), tag)

    def counter(self, oid: str, rate: float, curve: Curve, bits: int = 64) -> None:
        """Counts `rate` a second times the curve; wraps at its width."""
        tag, mask = (ber.COUNTER64, 2**64 - 1) if bits == 64 else (ber.COUNTER32, 2**32 - 1)
        start = zlib.crc32(oid.encode()) % 10**6
        self._objects[parse(oid)] = lambda now: ber.integer(
            int(start + rate * (curve.integral(now) - EPOCH)) & mask, tag
        )

    def ticks(self, oid: str, since: float) -> None:
        """Hundredths of a second since a moment (TimeTicks)."""
        self._objects[parse(oid)] = lambda now: ber.integer(int((now - since) * 100) % 2**32, ber.TICKS)

    def table(self, base: str, index: Any, columns: dict[int, Any]) -> None:
        """One row of fixed values: text, or (number, tag)."""
        for column, value in columns.items():
            oid = f"{base}.{column}.{index}"
            if isinstance(value, tuple):
                self.number(oid, *value)
            elif isinstance(value, int):
                self.number(oid, value)
            else:
                self.text(oid, value)

    def seal(self) -> "Mib":
        """Sort once; after this the objects are fixed."""
        self.oids = sorted(self._objects)
        self._varbinds = [(ber.oid(oid), self._objects[oid]) for oid in self.oids]
        return self

    def find(self, oid: ber.Oid) -> int | None:
        """Position of exactly this object."""
        at = bisect_right(self.oids, oid) - 1
        return at if at >= 0 and self.oids[at] == oid else None

    def after(self, oid: ber.Oid) -> int:
        """Position of the first object behind this one; len(oids) when there is none."""
        return bisect_right(self.oids, oid)

    def varbind(self, at: int, now: float) -> bytes:
        name, value = self._varbinds[at]
        return ber.tlv(ber.SEQUENCE, name + (value if isinstance(value, bytes) else value(now)))
