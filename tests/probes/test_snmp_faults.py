"""Agents that lie: each is refused or contained, in bounded time, with one clear line."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from probes.snmp.client import SnmpClient
from probes.snmp.errors import (
    SnmpLoop,
    SnmpProtocolError,
    SnmpStatusError,
    SnmpTimeout,
    SnmpTruncated,
)
from tests.probes.lies import BASE, UPTIME, Lie, get, reply, silent, talk, walk
from tests.probes.lying_agent import (
    GEN_ERR,
    GET,
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
