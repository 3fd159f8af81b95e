"""What a report may cost before it is refused: real bodies of 16 MB, measured."""

import gzip
import tracemalloc
from collections.abc import Callable

import pytest

from monitoring.agents.reports import MOST_NESTED, MOST_VALUES_IN_ALL, PLAIN, ReportError, unpack

BOUND = 150 * 2**20  # bytes; the plain body is 16 MB of them, its text up to 64 MB
HEAD, TAIL = b'{"version": 1, "inventory": [', b"0]}"


def filled(piece: bytes, size: int = PLAIN) -> bytes:
    """A report of nearly `size` bytes whose inventory repeats a piece."""
    return HEAD + piece * ((size - len(HEAD) - len(TAIL)) // len(piece)) + TAIL


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
    finally:
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return found


@pytest.mark.parametrize(
    "piece",
    [b"{},", b"[],", b"0,", b'"ab",', b'{"a":1},', b"1e9,", b"12345678,", b'[{"":[]}],', b"[", b'{"a":'],
    ids=["objects", "lists", "digits", "texts", "pairs", "floats", "integers", "mixed", "deep", "deeper"],
)
def test_a_body_of_many_parts_is_refused_before_it_is_built(piece: bytes) -> None:
    packed = gzip.compress(filled(piece), 1)

    def refuse() -> None:
        with pytest.raises(ReportError, match="the body may have") as refused:
            unpack(packed, packed=True)
        assert refused.value.status == 400

    assert peak(refuse) < 3 * PLAIN


@pytest.mark.parametrize(
    "plain",
    [
        filled("\U0001f600".encode() * 500_000 + b" "),
        filled(b" "),
        HEAD + b'{"a":1},' * (MOST_NESTED - 2) + TAIL,
        HEAD + b"1234567890," * (MOST_VALUES_IN_ALL - 5) + TAIL,
        HEAD + b'"abc",' * (MOST_VALUES_IN_ALL - 5) + TAIL,
    ],
    ids=["wide letters", "blanks", "objects", "integers", "texts"],
)
def test_what_is_let_through_costs_no_more_than_this(plain: bytes) -> None:
    assert len(plain) <= PLAIN
    packed = gzip.compress(plain, 1)

    def take() -> None:
        try:
            assert unpack(packed, packed=True)["version"] == 1
        except ReportError as error:
            assert "not JSON" in str(error)

    assert peak(take) < BOUND


def test_an_ordinary_report_of_the_largest_batch_is_far_below() -> None:
    """A hundred sweeps of a large server: 60 metrics of eight instances."""
    names, values = b'["a","b","c","d","e","f","g","h"]', b"[1,2,3,4,5,6,7,8]"
    column = b'{"metric":"disk.read.bytes","instances":' + names + b',"values":' + values + b"},"
    sweep = b'{"at":1,"columns":[' + column * 59 + column[:-1] + b'],"uptime":1,"notes":{}},'
    plain = b'{"version":1,"sweeps":[' + sweep * 99 + sweep[:-1] + b"]}"
    assert len(unpack(plain, packed=False)["sweeps"]) == 100
