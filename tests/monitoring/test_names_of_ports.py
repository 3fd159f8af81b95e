"""Polls and discovery give an interface one name, whatever its agent says: pages find its numbers by it."""

import asyncio
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring.discovery import facts_of
from monitoring.facts import clip
from monitoring.layout import clean
from probes.readings import Column
from probes.snmp import interfaces
from probes.snmp.discover import discover
from probes.snmp.values import Value
from tests.probes.walk_client import WalkClient


class Session(WalkClient):
    """As much of the SNMP client as a poll needs."""

    async def walk_many(
        self, bases: Sequence[str], into: list[dict[str, Value]] | None = None
    ) -> list[dict[str, Value]]:
        found = [] if into is None else into
        for base in bases:
            found.append(await self.walk(base))
        return found

    def expect_rows(self, rows: int) -> None:
        return


def names(walk: dict[str, Value]) -> tuple[list[str], list[str]]:
    """Of its interfaces by a poll and by discovery, as the database keeps them."""
    columns: list[Column] = []
    asyncio.run(interfaces.read(Session(walk), True, columns))  # type: ignore[arg-type]
    up = next(column for column in columns if column.metric == "if.up")
    ports = facts_of(asyncio.run(discover(WalkClient(walk)))).ports
    return [clean(name) for name in up.instances], [clip(port.name, 255) for port in ports]


octets = st.one_of(st.binary(max_size=12), st.text(max_size=12).map(str.encode))


@settings(deadline=None)
@given(octets, octets)
@example(b"Port  1", b"")
@example("für".encode("latin-1"), b"")
@example("a\u00a0b".encode(), b"")
@example(b"   ", b"eth0")
@example("\u200b".encode(), b"eth0")
@example(b"eth0\x00", b"")
@example(b"", b"")
def test_one_name_for_both(name: bytes, descr: bytes) -> None:
    walk: dict[str, Value] = {f"{interfaces.OPER}.7": 1, f"{interfaces.ADMIN}.7": 1}
    walk |= {f"{interfaces.NAME}.7": name, f"{interfaces.DESCR}.7": descr}
    polled, found = names(walk)
    assert polled == found


def test_names_that_only_blanks_tell_apart_stay_two() -> None:
    walk: dict[str, Value] = {f"{interfaces.OPER}.{index}": 1 for index in (1, 2)}
    walk |= {f"{interfaces.NAME}.1": b"Port 1", f"{interfaces.NAME}.2": b"Port  1"}
    polled, found = names(walk)
    assert polled == found == ["Port 1#1", "Port 1#2"]
