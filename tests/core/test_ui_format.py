"""Numbers, sizes, rates, spans and times as people read them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import format as formats

NB = "\N{NO-BREAK SPACE}"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (True, "–"),
        (0, "0"),
        (-0.0, "0"),
        (5, "5"),
        (1234, "1,234"),
        (12.345, "12.3"),
        (0.00123, "0.00123"),
        (99.96, "100"),
        (-1.5, "-1.5"),
        (1e-12, "0"),
        (1234567.8, "1,234,568"),
    ],
)
def test_plain(value: float | None, text: str) -> None:
    assert formats.plain(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "V", "–"),
        (0, "V", f"0{NB}V"),
        (1500, "", "1.5k"),
        (999.4, "", "999"),
        (999.9, "", "1k"),
        (1500, "bit/s", f"1.5{NB}kbit/s"),
        (0.0123, "s", f"12.3{NB}ms"),
        (0.5, "", "0.5"),
        (2.5e-7, "s", f"250{NB}ns"),
        (1e-15, "s", f"0.000001{NB}ns"),
        (3e21, "B/s", f"3,000{NB}EB/s"),
        (-2500, "W", f"-2.5{NB}kW"),
    ],
)
def test_si(value: float | None, unit: str, text: str) -> None:
    assert formats.si(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, f"0{NB}B"),
        (512, f"512{NB}B"),
        (1023.9, f"1{NB}KiB"),
        (1536, f"1.5{NB}KiB"),
        (2**40, f"1{NB}TiB"),
        (-2048, f"-2{NB}KiB"),
    ],
)
def test_octets(value: float | None, text: str) -> None:
    assert formats.octets(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "as_bits", "text"),
    [
        (99.95, "%", False, "100%"),
        (3.14, "%", False, "3.1%"),
        (-0.01, "%", False, "0%"),
        (125000, "B/s", True, f"1{NB}Mbit/s"),
        (1024, "B/s", False, f"1{NB}KiB/s"),
        (90, "s", False, f"1{NB}min 30{NB}s"),
        (0.25, "s", False, f"250{NB}ms"),
        (12.5, "1/s", False, f"12.5{NB}/s"),
        (41.5, "°C", False, f"41.5{NB}°C"),
        (7, "", False, "7"),
        (None, "%", False, "–"),
        (float("nan"), "B/s", True, "–"),
        (2400000000, "Hz", False, f"2.4{NB}GHz"),
        (-60.5, "dBm", False, f"-60.5{NB}dBm"),
    ],
)
def test_quantity(value: float | None, unit: str, as_bits: bool, text: str) -> None:
    assert formats.quantity(value, unit, as_bits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, f"0{NB}s"),
        (0.9, f"0{NB}s"),
        (59.9, f"59{NB}s"),
        (60, f"1{NB}min"),
        (93784, f"1{NB}d 2{NB}h"),
        (86400 * 800, f"2{NB}y 70{NB}d"),
        (86460, f"1{NB}d"),
        (timedelta(hours=3), f"3{NB}h"),
        (-120, f"-2{NB}min"),
    ],
)
def test_duration(value: float | timedelta | None, text: str) -> None:
    assert formats.duration(value) == text


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (0, "just now"),
        (-9, "just now"),
        (61, f"1{NB}min ago"),
        (7300, f"2{NB}h ago"),
        (-10900, f"in 3{NB}h"),
        (86400 * 400, f"1{NB}y ago"),
    ],
)
def test_ago(gap: int, text: str) -> None:
    assert formats.ago(NOW - timedelta(seconds=gap), NOW) == text


@given(
    st.floats(allow_nan=True, allow_infinity=True, width=64),
    st.sampled_from(["", "%", "B", "B/s", "s", "1/s", "V", "°C"]),
)
def test_any_number_has_a_short_text(value: float, unit: str) -> None:
    text = formats.quantity(value, unit, as_bits=True)
    assert text and "e" not in text.replace("bit", "").replace("min", "") and "nan" not in text
    json.dumps(text)
