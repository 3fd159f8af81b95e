"""How numbers, sizes, rates and times are written for people. Pure; static/itim/js/format.js agrees."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

NOTHING = "–"
SI = ("", "k", "M", "G", "T", "P", "E")
IEC = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
SMALL = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
SPANS = ((86400 * 365, "y"), (86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
PREFIXED = frozenset({"Hz", "V", "A", "W", "B/s"})
Number = float | int | None


def is_number(value: object) -> bool:
    """A real, finite number: bool, None, NaN and text are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def plain(value: Number, digits: int = 3) -> str:
    """The number with about `digits` significant digits, no exponent, no trailing zeros: 1234 → 1,234."""
    if value is None or not is_number(value):
        return NOTHING
    if value == 0:
        return "0"
    places = max(0, min(9, digits - 1 - math.floor(math.log10(abs(value)))))
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def join(text: str, unit: str) -> str:
    """The number and its unit with a no-break space between; `%` and `°C` as people write them."""
    if not unit:
        return text
    return f"{text}{unit}" if unit == "%" else f"{text}\N{NO-BREAK SPACE}{unit}"


def stepped(value: float, base: float, count: int) -> tuple[float, int]:
    """The value divided by base until its digits fit, and how often; rounding up to base steps once more."""
    power = 0
    while power < count - 1 and abs(value) >= base * 0.9995:
        value /= base
        power += 1
    return value, power


def si(value: Number, unit: str = "") -> str:
    """Decimal prefixes: 1500, "bit/s" → 1.5 kbit/s. Below one: milli to nano, for units only."""
    if value is None or not is_number(value):
        return NOTHING
    if unit and 0 < abs(value) < 1:
        factor, prefix = next((pair for pair in SMALL if abs(value) >= pair[0]), SMALL[-1])
        return join(plain(value / factor), prefix + unit)
    scaled, power = stepped(float(value), 1000.0, len(SI))
    suffix = SI[power] + unit
    return f"{plain(scaled)}{suffix}" if not unit else join(plain(scaled), suffix)


def octets(value: Number, per: str = "") -> str:
    """Bytes with binary prefixes: 1536 → 1.5 KiB; per="/s" makes it a rate."""
    if value is None or not is_number(value):
        return NOTHING
    scaled, power = stepped(float(value), 1024.0, len(IEC))
    return join(plain(scaled), IEC[power] + per)


def bits(value: Number) -> str:
    """A rate in octets per second as the network trade says it: 125000 → 1 Mbit/s."""
    return si(value * 8 if value is not None and is_number(value) else None, "bit/s")


def percent(value: Number) -> str:
    """Per cent with at most one decimal: 99.95 → 100%, 3.14 → 3.1%."""
    if value is None or not is_number(value):
        return NOTHING
    text = f"{value:.1f}"
    return f"{text.removesuffix('.0')}%" if text != "-0.0" else "0%"


def seconds(value: Number) -> str:
    """A measured time: 0.0123 → 12.3 ms; from a minute on as a duration."""
    if value is None or not is_number(value):
        return NOTHING
    return duration(value) if abs(value) >= 60 else si(value, "s")


def duration(value: Number | timedelta) -> str:
    """A span by its two largest units: 93784 → 1 d 2 h. Under a second: 0 s."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if value is None or not is_number(value):
        return NOTHING
    parts: list[tuple[int, str]] = []
    rest, sign = int(abs(value)), "-" if value <= -1 else ""
    for length, name in SPANS:
        if rest >= length or parts:
            count, rest = divmod(rest, length)
            parts.append((count, name))
    shown = [(count, name) for count, name in parts[:2] if count]
    return sign + (
        " ".join(f"{count}\N{NO-BREAK SPACE}{name}" for count, name in shown) or "0\N{NO-BREAK SPACE}s"
    )


def quantity(value: Number, unit: str, as_bits: bool = False) -> str:
    """A value by the unit it is stored in (probes.metrics): %, B, B/s, 1/s, s, °C, V, dBm, …

    as_bits: a B/s that counts network octets, to be read as bit/s.
    """
    if unit == "%":
        return percent(value)
    if unit == "s":
        return seconds(value)
    if unit == "B":
        return octets(value)
    if unit == "B/s":
        return bits(value) if as_bits else octets(value, "/s")
    if unit == "1/s":
        return join(si(value), "/s") if value is not None and is_number(value) else NOTHING
    if unit in PREFIXED:
        return si(value, unit)
    return join(plain(value), unit) if value is not None and is_number(value) else NOTHING


def ago(moment: datetime, now: datetime) -> str:
    """How long since (or until) moment: "just now", "5 min ago", "in 3 h"."""
    gap = (now - moment).total_seconds()
    if abs(gap) < 10:
        return "just now"
    span = duration(gap if gap >= 0 else -gap).split(" ")[0]
    return f"{span} ago" if gap > 0 else f"in {span}"
