"""The order of OIDs and what an answer's own bytes tell, as properties."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from probes.snmp.answers import error_status, oversized
from probes.snmp.steps import Talk
from probes.snmp.values import Suffixes, decode, increasing, is_oid
from tests.probes.lying_agent import GETBULK, Request, decode_oid, elements, encode_oid, integer, tlv

PARTS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6).map(tuple)
BASE = "1.3.6.1.2.1.2.2.1"


def text(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))


@given(st.lists(PARTS, min_size=1, max_size=30))
def test_order_is_that_of_numbers(rows: list[tuple[int, ...]]) -> None:
    expected = all(a < b for a, b in pairwise(rows))
    assert increasing([text(row) for row in rows]) == expected
    suffixes = Suffixes().of([f"{BASE}.{text(row)}" for row in rows], BASE)
    assert (suffixes is not None) == expected


@given(st.sets(PARTS, min_size=1, max_size=30))
def test_suffixes_are_what_stands_behind_the_base(rows: set[tuple[int, ...]]) -> None:
    suffixes = Suffixes()
    for base in (BASE, "1.3.6", BASE):
        ordered = [text(row) for row in sorted(rows)]
        assert suffixes.of([f"{base}.{row}" for row in ordered], base) == ordered


@given(st.lists(PARTS, min_size=1, max_size=10))
def test_a_page_with_the_base_itself_is_refused(rows: list[tuple[int, ...]]) -> None:
    assert Suffixes().of([BASE, *(f"{BASE}.{text(row)}" for row in rows)], BASE) is None


@given(st.tuples(st.integers(0, 1), st.integers(0, 39)), PARTS)
def test_oids_are_told_from_other_text(first: tuple[int, int], rest: tuple[int, ...]) -> None:
    name = (*first, *rest)
    assert is_oid(text(name))
    assert not is_oid(f".{text(name)}") and not is_oid(f"{text(name)}.") and not is_oid(f"3.{text(name)}")
    assert decode_oid(elements(encode_oid(name))[0][1]) == name


@given(st.text(max_size=30))
def test_any_text_may_be_asked_about(name: str) -> None:
    assert is_oid(name) in (True, False)


@given(st.binary(max_size=12))
def test_decode_takes_any_bytes(data: bytes) -> None:
    assert decode(b"\x9f" + data) is not None


@given(st.binary(max_size=300))
def test_any_bytes_may_be_looked_at(data: bytes) -> None:
    status, index = error_status(data)
    assert status >= 0 and index >= 0
    oversized(data)


@given(st.integers(0, 18), st.integers(0, 200), PARTS)
def test_the_status_is_read_back(status: int, index: int, name: tuple[int, ...]) -> None:
    request = Request(1, b"public", GETBULK, b"\x12\x34", 0, 0, [])
    assert error_status(request.answer([((1, 3, *name), integer(7))], status, index)) == (status, index)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_counters_of_a_right_size_are_never_suspected(numbers: list[int]) -> None:
    request = Request(1, b"public", GETBULK, b"\x01", 0, 0, [])
    rows = [((1, 3, 6, 1, at), integer(number, 0x46)) for at, number in enumerate(numbers)]
    assert not oversized(request.answer(rows))
    wide = [*rows, ((1, 3, 6, 1, 99), tlv(0x46, b"\x01" * 12))]
    assert oversized(request.answer(wide))


def test_repetitions_shrink_to_one_and_no_further() -> None:
    talk = Talk(None, "agent", lambda: (0, 0), True, 25, 1)
    seen = [talk.repetitions]
    while talk.shrink():
        seen.append(talk.repetitions)
    assert seen == [25, 6, 1]
