"""Values as they come out of varbinds, and the order of OIDs."""

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from operator import lt
from typing import Final

Value = int | str | bytes | float

# net-snmp's Opaque wrapping (its asn1.h): tag 0x9f, type, length, content
_OPAQUE: Final = {
    (0x76, 8): ">Q",  # counter64
    (0x78, 4): ">f",
    (0x79, 8): ">d",
    (0x7A, 8): ">q",
    (0x7B, 8): ">Q",
}
_OID: Final = re.compile(r"[012](\.(0|[1-9][0-9]{0,9})){1,127}")


@lru_cache(maxsize=8192)
def is_oid(text: str) -> bool:
    """Whether text is a numeric OID without leading dot, each part below 2**32."""
    return bool(_OID.fullmatch(text)) and all(int(part) < 2**32 for part in text.split("."))


def decode(value: Value) -> Value:
    """Unwrap an Opaque float, double or 64-bit integer; anything else comes back as it is."""
    if isinstance(value, bytes) and len(value) > 3 and value[0] == 0x9F:
        layout = _OPAQUE.get((value[1], value[2]))
        if layout and len(value) == 3 + value[2]:
            return struct.unpack(layout, value[3:])[0]
    return value


def decode_all(values: Sequence[Value]) -> Sequence[Value]:
    """`decode` for many; costs next to nothing where there are no bytes among them."""
    if bytes in set(map(type, values)):
        return [decode(value) for value in values]
    return values


class Suffixes:
    """OIDs of one page without their base, as text after "base.".

    The columns of a table have the same suffixes: a page seen before costs two passes in C and gives the very
    same strings, already known to increase.
    """

    _MOST_PAGES: Final = 256

    def __init__(self) -> None:
        self._seen: dict[str, list[str]] = {}

    def of(self, oids: Sequence[str], base: str) -> list[str] | None:
        """The suffixes of `oids`, which all start with `base`; None where they do not strictly increase."""
        text = ("\n" + "\n".join(oids)).replace(f"\n{base}.", "\n")
        known = self._seen.get(text)
        if known is None:
            known = text[1:].split("\n")
            if base in oids or not increasing(known):
                return None
            if len(self._seen) >= self._MOST_PAGES:
                self._seen.clear()
            self._seen[text] = known
        return known


def increasing(suffixes: Sequence[str]) -> bool:
    """Whether OID suffixes, compared part by part as numbers, strictly increase."""
    try:
        numbers = list(map(int, suffixes))
    except ValueError:
        return _parts_increasing(suffixes)
    return all(map(lt, numbers, numbers[1:]))


def _parts_increasing(suffixes: Sequence[str]) -> bool:
    parts = [tuple(map(int, filter(None, suffix.split(".")))) for suffix in suffixes]
    return all(map(lt, parts, parts[1:]))
