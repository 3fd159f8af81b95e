"""Names with numbers in them, in the order that people expect."""

import re

DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sorts Gi1/0/2 before Gi1/0/10."""
    pieces = DIGITS.split(text.lower())
    return [(0, int(piece[:18]), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces]
