"""Agents that lie: each is refused or contained, in bounded time, with one clear line."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.credentials import SnmpCommunity
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.errors import (
    SnmpAuthError,
    SnmpError,
    SnmpGarbage,
    SnmpLoop,
    SnmpProtocolError,
    SnmpStatusError,
    SnmpTimeout,
    SnmpTruncated,
    SnmpUnreachable,
)
from probes.target import Target
from tests.probes.lying_agent import (
    GEN_ERR,
    GET,
    GETBULK,
    NULL,
    TOO_BIG,
    Agent,
    Request,
    integer,
    oid,
    send_from_elsewhere,
    text,
    tlv,
)

BASE = "1.3.6.1.2.1.2.2.1.2"
ROWS = {f"{BASE}.{i}": text(f"port {i}") for i in range(1, 61)} | {
    "1.3.6.1.2.1.1.3.0": integer(4242, 0x43),
    "1.3.6.1.2.1.2.2.1.3.1": integer(6),
}
UPTIME = "1.3.6.1.2.1.1.3.0"
QUICK = {"timeout": 0.15, "retries": 1, "budget": 3.0}
LONGEST = 5.0  # seconds: a guard against waiting for ever, far above what anything here takes

Lie = Callable[[Agent, Request, bytes, tuple[str, int]], None]


def talk(
    lie: Lie | None,
    ask: Callable[[SnmpClient], Awaitable[Any]],
    version: Any = "2c",
    rows: dict[str, bytes] = ROWS,
    **settings: Any,
) -> tuple[Any, Agent]:
    """What `ask` gives against an agent with `lie`, and the agent, which knows what it was asked."""

    async def run() -> tuple[Any, Agent]:
        async with Agent(rows, lie) as agent:
            options = SnmpSettings(port=agent.port, **{**QUICK, **settings})
            async with SnmpClient(Target("127.0.0.1"), SnmpCommunity("public", version), options) as client:
                return await asyncio.wait_for(ask(client), LONGEST), agent

    return asyncio.run(run())


def walk(client: SnmpClient) -> Awaitable[Any]:
    return client.walk(BASE, limit=500)


def get(client: SnmpClient) -> Awaitable[Any]:
    return client.get([UPTIME])


def reply(make: Callable[[Request, bytes], bytes]) -> Lie:
    return lambda agent, request, honest, address: agent.send(make(request, honest), address)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_honest_agent_is_walked_whole(version: str) -> None:
    rows, _ = talk(None, walk, version)
    assert list(rows.items()) == [(str(i), f"port {i}".encode()) for i in range(1, 61)]


@pytest.mark.parametrize("version", ["1", "2c"])
def test_missing_values_are_absent_and_the_rest_is_read(version: str) -> None:
    asked = [f"{BASE}.{i}" for i in range(50, 72)] + [UPTIME]
    values, _ = talk(None, lambda client: client.get(asked), version)
    assert values == {f"{BASE}.{i}": f"port {i}".encode() for i in range(50, 61)} | {UPTIME: 4242}


def test_a_v1_agent_that_has_none_of_the_values_is_no_error() -> None:
    values, _ = talk(None, lambda client: client.get([f"{BASE}.{i}" for i in range(100, 105)]), "1")
    assert values == {}


def test_a_table_is_given_by_row() -> None:
    rows, _ = talk(None, lambda c: c.table({"name": BASE, "type": "1.3.6.1.2.1.2.2.1.3"}))
    assert rows["1"] == {"name": b"port 1", "type": 6}
    assert rows["2"] == {"name": b"port 2"}


def same_oid(request: Request, honest: bytes) -> bytes:
    return request.answer([(oid(BASE + ".1"), text("again"))] * 3)


def cycle(request: Request, honest: bytes) -> bytes:
    return request.answer([(oid(f"{BASE}.{i}"), text("round")) for i in (1, 2, 3)])


def backwards(request: Request, honest: bytes) -> bytes:
    return request.answer([(oid(f"{BASE}.{i}"), text("down")) for i in (30, 20, 10)])


def base_itself(request: Request, honest: bytes) -> bytes:
    return request.answer([(oid(BASE), text("base"))])


@pytest.mark.parametrize("lie", [same_oid, cycle, backwards, base_itself])
def test_oids_that_do_not_increase_end_the_walk(lie: Callable[[Request, bytes], bytes]) -> None:
    with pytest.raises(SnmpLoop, match="do not increase"):
        talk(reply(lie), walk)


def test_a_loop_keeps_the_rows_read_before_it() -> None:
    with pytest.raises(SnmpLoop) as caught:
        talk(reply(cycle), walk)
    assert list(caught.value.rows) == ["1", "2", "3"]


def test_a_v1_agent_that_loops_is_caught_too() -> None:
    with pytest.raises(SnmpLoop):
        talk(reply(lambda request, _: request.answer([(oid(f"{BASE}.7"), text("x"))])), walk, "1")


def test_an_endless_table_is_cut() -> None:
    def endless(request: Request, honest: bytes) -> bytes:
        start = request.oids[0][len(oid(BASE)) :] or (0,)
        return request.answer([(oid(f"{BASE}.{start[0] + i}"), text("more")) for i in range(1, 26)])

    with pytest.raises(SnmpTruncated, match="more than 500 rows") as caught:
        talk(reply(endless), walk)
    assert len(caught.value.rows) == 500


def test_a_slow_endless_table_is_cut_by_time() -> None:
    def endless(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        start = request.oids[0][len(oid(BASE)) :] or (0,)
        answer = request.answer([(oid(f"{BASE}.{start[0] + 1}"), text("more"))])
        asyncio.get_running_loop().call_later(0.02, agent.send, answer, address)

    with pytest.raises(SnmpTimeout, match=r"not done within 0\.3 s"):
        talk(endless, walk, budget=0.3)


@pytest.mark.parametrize("ask", [get, walk])
@pytest.mark.parametrize(
    "lie",
    [
        lambda request, honest: b"hello",
        lambda request, honest: b"",
        lambda request, honest: honest[:-3],
        lambda request, honest: honest[:20],
        lambda request, honest: honest + b"xx",
        lambda request, honest: b"\x30\x84\x7f\xff\xff\xff" + honest[2:],
        lambda request, honest: b"\x30\x88" + b"\xff" * 8 + honest[2:],
        lambda request, honest: b"\x30\x80" * 200,
    ],
    ids=["text", "nothing", "cut", "cut short", "trailing", "2 GB", "2**64", "nested"],
)
def test_garbage_is_told_from_silence(ask: Any, lie: Any) -> None:
    with pytest.raises(SnmpProtocolError, match="not SNMP"):
        talk(reply(lie), ask)


@pytest.mark.parametrize("ask", [get, walk])
def test_garbage_before_the_answer_does_no_harm(ask: Any) -> None:
    def both(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        for data in (b"\xff" * 40, honest[:-1], request.answer([], number=b"\x01"), honest):
            agent.send(data, address)

    values, _ = talk(both, ask)
    assert values


def silent(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
    pass


def from_another_port(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
    send_from_elsewhere(honest, address, "127.0.0.1")


def from_another_address(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
    send_from_elsewhere(honest, address, "127.0.0.2")


WRONG_ID = reply(lambda request, honest: request.answer([(oid(UPTIME), integer(1))], number=b"\x01"))


@pytest.mark.parametrize("lie", [silent, from_another_port, from_another_address, WRONG_ID])
def test_what_is_not_the_answer_is_no_answer(lie: Lie) -> None:
    with pytest.raises(SnmpTimeout, match=r"no answer within 0\.15 s \(2 tries\)"):
        talk(lie, get)


def test_a_request_echoed_back_is_no_answer() -> None:
    def echo(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        pdu = tlv(2, request.number) + integer(0) * 2 + tlv(0x30, tlv(0x30, b"\x06\x01\x2b" + NULL))
        agent.send(tlv(0x30, integer(1) + tlv(4, b"public") + tlv(GET, pdu)), address)

    with pytest.raises(SnmpProtocolError):
        talk(echo, get)


def test_a_late_answer_is_not_taken_for_the_next() -> None:
    """The first answer comes after the second request went out; only the second's own answer counts."""
    held: list[bytes] = []

    def late(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        if not held:
            held.append(request.answer([(oid(UPTIME), integer(1))]))
        else:
            agent.send(held[0], address)
            agent.send(honest, address)

    values, agent = talk(late, get)
    assert values == {UPTIME: 4242}
    assert len(agent.requests) == 2


def test_a_lost_answer_is_asked_for_again_with_fewer_rows() -> None:
    """As where large answers are fragmented and firewalls drop fragments."""

    def drop_large(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        if len(honest) < 400:
            agent.send(honest, address)

    rows, agent = talk(drop_large, walk)
    assert len(rows) == 60
    asked = [request.third for request in agent.requests]
    assert asked[0] == 25 and set(asked[1:]) == {6}


def test_too_big_halves_a_get() -> None:
    def small(request: Request, honest: bytes) -> bytes:
        return request.answer([], TOO_BIG) if len(request.oids) > 3 else honest

    asked = [f"{BASE}.{i}" for i in range(1, 31)]
    values, _ = talk(reply(small), lambda client: client.get(asked))
    assert list(values) == asked


def test_too_big_shrinks_a_walk() -> None:
    def small(request: Request, honest: bytes) -> bytes:
        return request.answer([], TOO_BIG) if request.third > 2 else honest

    rows, _ = talk(reply(small), walk)
    assert len(rows) == 60


@pytest.mark.parametrize("ask", [get, walk])
def test_an_agent_for_which_all_is_too_big_is_named(ask: Any) -> None:
    with pytest.raises(SnmpStatusError, match="tooBig"):
        talk(reply(lambda request, _: request.answer([], TOO_BIG)), ask)


@pytest.mark.parametrize("index", [7, 0, 99])
def test_gen_err_at_one_value_spares_the_others(index: int) -> None:
    bad = oid(f"{BASE}.7")

    def broken(request: Request, honest: bytes) -> bytes:
        if bad not in request.oids:
            return honest
        place = request.oids.index(bad) + 1 if index == 7 else index
        return request.answer([(name, NULL) for name in request.oids], GEN_ERR, place)

    async def ask(client: SnmpClient) -> tuple[dict[str, Any], list[str]]:
        return await client.get([f"{BASE}.{i}" for i in range(1, 21)]), client.problems

    (values, problems), _ = talk(reply(broken), ask)
    assert len(values) == 19
    assert problems == [f"genErr at {BASE}.7"]


@pytest.mark.parametrize("ask", [get, walk])
def test_gen_err_for_everything_is_an_error(ask: Any) -> None:
    lie = reply(lambda request, _: request.answer([(name, NULL) for name in request.oids], GEN_ERR, 1))
    with pytest.raises(SnmpStatusError, match="genErr at"):
        talk(lie, ask)


def test_an_empty_answer_ends_a_walk() -> None:
    rows, agent = talk(reply(lambda request, _: request.answer([])), walk)
    assert rows == {}
    assert len(agent.requests) == 1


def test_answers_to_what_was_not_asked_are_left_out() -> None:
    values, _ = talk(reply(lambda request, _: request.answer([(oid(BASE + ".1"), text("no"))])), get)
    assert values == {}


def test_a_counter_with_too_many_bytes_is_refused() -> None:
    wide = {f"{BASE}.{i}": tlv(0x46, bytes(range(1, 13))) for i in range(1, 4)}
    with pytest.raises(SnmpProtocolError, match="more bytes than its type"):
        talk(None, walk, rows=wide)


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        (tlv(0x46, b"\xff" * 8), 2**64 - 1),
        (integer(2**64 - 1, 0x46), 2**64 - 1),
        (tlv(0x41, b"\xff\xff\xff\xfe"), 2**32 - 2),
        (integer(-(2**31)), -(2**31)),
        (tlv(0x40, bytes((192, 0, 2, 1))), "192.0.2.1"),
        (tlv(0x44, b"\x9f\x78\x04\x42\xf6\x00\x00"), 123.0),
        (tlv(0x44, b"\x9f\x79\x08" + b"\x40\x5e\xc0" + b"\x00" * 5), 123.0),
        (tlv(0x44, b"\x9f\x78\x04\x42"), b"\x9f\x78\x04\x42"),
        (tlv(4, b""), b""),
        (tlv(6, b"\x2b\x06\x01\x04\x01\x09"), "1.3.6.1.4.1.9"),
    ],
)
def test_values(encoded: bytes, value: object) -> None:
    values, _ = talk(None, get, rows={UPTIME: encoded})
    assert values == {UPTIME: value}


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
