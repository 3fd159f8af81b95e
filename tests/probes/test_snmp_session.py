"""A session bears what happens on it: requests at once, cancelled, flooded, answered with any bytes."""

import asyncio
import contextlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.credentials import SnmpCommunity
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.errors import SnmpAuthError, SnmpError, SnmpGarbage, SnmpTimeout, SnmpUnreachable
from probes.target import Target
from tests.probes.lies import LONGEST, ROWS, UPTIME, get, silent, talk, walk
from tests.probes.lying_agent import GETBULK, Agent, Request


def test_a_host_where_nobody_listens_says_so_at_once() -> None:
    async def ask() -> None:
        async with Agent(ROWS) as agent:
            port = agent.port
        settings = SnmpSettings(port=port, timeout=30)
        async with SnmpClient(Target("127.0.0.1"), SnmpCommunity("public"), settings) as client:
            await asyncio.wait_for(client.get([UPTIME]), LONGEST)

    with pytest.raises(SnmpUnreachable, match="connection refused"):
        asyncio.run(ask())


def test_requests_at_the_same_time_wait_for_each_other() -> None:
    async def ask(client: SnmpClient) -> list[Any]:
        return await asyncio.gather(*(get(client) if i % 2 else walk(client) for i in range(20)))

    results, _ = talk(None, ask)
    assert [len(result) for result in results] == [60, 1] * 10


def test_a_cancelled_request_leaves_a_session_that_works() -> None:
    async def ask(client: SnmpClient) -> Any:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(walk(client), 0.05)
        return await get(client)

    def deaf_to_walks(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        if request.kind != GETBULK:
            agent.send(honest, address)

    assert talk(deaf_to_walks, ask, timeout=2.0)[0] == {UPTIME: 4242}


def test_a_flood_of_garbage_ends_the_request_long_before_its_time() -> None:

    def flood(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        def more(left: int) -> None:
            for _ in range(50):
                agent.send(b"\x30\x03junk", address)
            if left:
                asyncio.get_running_loop().call_soon(more, left - 1)

        more(200)

    with pytest.raises(SnmpGarbage, match="not SNMP"):
        talk(flood, get, timeout=30)


CHANGES = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, cut=st.integers(0, 2000))
def test_no_answer_whatever_its_bytes_breaks_a_session(changes: list[tuple[int, int]], cut: int) -> None:
    """A changed answer before the honest one: values, or an SnmpError; and the session still works."""
    spoil = [True]

    def lie(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        changed = bytearray(honest)
        for place, byte in changes:
            changed[place % len(changed)] = byte
        if spoil.pop() if spoil else False:
            agent.send(bytes(changed[: 1 + cut % len(changed)] if cut % 2 else changed), address)
        agent.send(honest, address)

    async def ask(client: SnmpClient) -> Any:
        with contextlib.suppress(SnmpError):
            await walk(client)
        return await get(client)

    assert talk(lie, ask)[0] == {UPTIME: 4242}


@pytest.mark.parametrize("bad", ["", "1", "1.3.x", ".1.3.6", "1.3.6.", "9.1", "1.3.6.99999999999"])
def test_what_is_no_oid_is_a_programming_error(bad: str) -> None:
    with pytest.raises(ValueError, match="not a numeric OID"):
        talk(None, lambda client: client.get([bad]))


def test_a_closed_session_says_so() -> None:
    async def ask(client: SnmpClient) -> Any:
        client.close()
        return await get(client)

    with pytest.raises(SnmpError, match="closed"):
        talk(None, ask)


def test_no_error_takes_longer_than_its_tries() -> None:
    begun = time.monotonic()
    with pytest.raises(SnmpTimeout):
        talk(silent, walk)
    assert time.monotonic() - begun < LONGEST
    assert issubclass(SnmpAuthError, SnmpError)
