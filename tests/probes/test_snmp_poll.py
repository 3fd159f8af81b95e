"""The kind `snmp`: interface columns, points, and what is kept when an agent fails midway."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from probes.credentials import HttpBearer, SnmpCommunity
from probes.kinds import KINDS
from probes.readings import Column, Readings
from probes.snmp.interfaces import unique
from probes.target import Target
from tests.probes.lying_agent import GEN_ERR, GETBULK, NULL, Agent, integer, oid, text
from tests.probes.test_snmp_faults import Lie

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
UPTIME = {"1.3.6.1.2.1.1.3.0": integer(123_456, 0x43)}


def port(index: int, name: str, *, wide: bool = True, admin: int = 1, oper: int = 1) -> dict[str, bytes]:
    """Rows of one interface; the 64-bit counters stand above 2**32."""
    rows = {f"{IF}.2": text(f"long {name}"), f"{IF}.5": integer(10**9, 0x42)}
    rows |= {f"{IF}.7": integer(admin), f"{IF}.8": integer(oper)}
    for column in (10, 11, 13, 14, 16, 17, 19, 20):
        rows[f"{IF}.{column}"] = integer(column * 100 + index, 0x41)
    if name:
        rows[f"{IFX}.1"] = text(name)
    if wide:
        for column in (6, 7, 10, 11):
            rows[f"{IFX}.{column}"] = integer(2**40 + column, 0x46)
        rows[f"{IFX}.15"] = integer(10_000, 0x42)
    return {f"{column}.{index}": value for column, value in rows.items()}


def poll(
    rows: Mapping[str, bytes], lie: Lie | None = None, version: Any = "2c", **options: Any
) -> tuple[Readings, Agent]:
    async def run() -> tuple[Readings, Agent]:
        async with Agent(rows, lie) as agent:
            kind = KINDS["snmp"]
            made = kind.Options.from_dict({"port": agent.port, "timeout": 0.15, **options})
            credential = SnmpCommunity("public", version)
            return await kind.collect(Target("127.0.0.1"), made, credential), agent

    return asyncio.run(run())


def column(readings: Readings, metric: str) -> Column:
    (found,) = [column for column in readings.columns if column.metric == metric]
    return found


def values(readings: Readings, metric: str) -> dict[str, Any]:
    found = column(readings, metric)
    return dict(zip(found.instances, found.values, strict=True))


def test_a_switch() -> None:
    rows = {**UPTIME, **port(1, "Gi1"), **port(2, "Gi2", oper=2), **port(3, "Gi3", admin=2, oper=2)}
    readings, _ = poll(rows)
    assert readings.error == ""
    assert readings.uptime == 1234.56
    assert values(readings, "if.up") == {"Gi1": 1, "Gi2": 0, "Gi3": None}
    assert values(readings, "if.in.octets")["Gi1"] == 2**40 + 6
    assert column(readings, "if.in.octets").kind == ""
    assert values(readings, "if.out.errors") == {"Gi1": 2001, "Gi2": 2002, "Gi3": 2003}
    assert column(readings, "if.out.errors").kind == "counter32"
    assert values(readings, "if.speed")["Gi1"] == 1e10
    assert len(readings.columns) == 12


@pytest.mark.parametrize(("version", "wide"), [("1", True), ("1", False), ("2c", False)])
def test_an_agent_without_wide_counters(version: str, wide: bool) -> None:
    readings, _ = poll({**UPTIME, **port(1, "Gi1", wide=wide)}, version=version)
    assert values(readings, "if.in.octets") == {"Gi1": 1001}
    assert column(readings, "if.in.octets").kind == "counter32"


def test_an_agent_with_both_sorts_of_counters() -> None:
    readings, _ = poll({**UPTIME, **port(1, "Gi1"), **port(2, "slow", wide=False)})
    both = [column for column in readings.columns if column.metric == "if.out.octets"]
    assert [(c.kind, c.instances, tuple(c.values)) for c in both] == [
        ("", ("Gi1",), (2**40 + 10,)),
        ("counter32", ("slow",), (1602,)),
    ]


def test_names_fall_back_and_are_unique() -> None:
    rows = {**UPTIME, **port(1, ""), **port(2, "dup"), **port(3, "dup")}
    readings, _ = poll(rows)
    assert column(readings, "if.up").instances == ("dup#2", "dup#3", "long")
    assert unique(["1", "2", "3"], ["a", "b", "a"]) == ("a#1", "b", "a#3")


def test_renumbered_interfaces_keep_their_names() -> None:
    before, _ = poll({**UPTIME, **port(1, "Gi1"), **port(2, "Gi2", oper=2)})
    after, _ = poll({**UPTIME, **port(11, "Gi1"), **port(10, "Gi2", oper=2)})
    assert values(before, "if.up") == values(after, "if.up")


def test_control_characters_do_not_get_into_names() -> None:
    rows = {**UPTIME, **port(1, "Gi\x001\n")}
    assert column(poll(rows)[0], "if.up").instances == ("Gi1",)


def test_points_are_read_by_packed_get() -> None:
    rows = {**UPTIME, **{f"1.3.6.1.4.1.9.{i}.0": integer(i) for i in range(1, 46)}}
    points = [[f"1.3.6.1.4.1.9.{i}.0", "temperature", f"sensor {i}", 0.1] for i in range(1, 51)]
    readings, agent = poll(rows, points=points, interfaces=False)
    found = values(readings, "temperature")
    assert found["sensor 45"] == pytest.approx(4.5)
    assert found["sensor 46"] is None
    assert len(agent.requests) == 3
    assert max(len(request.oids) for request in agent.requests) == 20


def test_whole_columns_come_in_one_packet_each() -> None:
    rows = dict(UPTIME)
    for index in range(1, 49):
        rows |= port(index, f"Gi{index}")
    _, agent = poll(rows)
    asked = sum(request.kind == GETBULK for request in agent.requests)
    assert (
        asked == 12 + 2
    )  # the names, before their number is known, and the end of the agent's view, take two


def test_what_was_read_before_an_error_is_kept() -> None:
    broken = oid(f"{IF}.13")

    def lie(agent: Agent, request: Any, honest: bytes, address: Any) -> None:
        if request.oids[0] == broken:
            honest = request.answer([(broken, NULL)], GEN_ERR, 1)
        agent.send(honest, address)

    readings, _ = poll({**UPTIME, **port(1, "Gi1")}, lie)
    assert "genErr at 1.3.6.1.2.1.2.2.1.13" in readings.error
    assert {"uptime", "if.count", "if.up", "if.speed", "if.in.errors", "if.out.errors"} == {
        column.metric for column in readings.columns
    }


def test_a_value_that_the_agent_fails_at_is_noted() -> None:
    bad = oid("1.3.6.1.4.1.9.7.0")

    def lie(agent: Agent, request: Any, honest: bytes, address: Any) -> None:
        if bad in request.oids:
            honest = request.answer([(o, NULL) for o in request.oids], GEN_ERR, request.oids.index(bad) + 1)
        agent.send(honest, address)

    points = [["1.3.6.1.4.1.9.7.0", "fan", "a", 1], ["1.3.6.1.4.1.9.8.0", "fan", "b", 1]]
    rows = {**UPTIME, "1.3.6.1.4.1.9.8.0": integer(900)}
    readings, _ = poll(rows, lie, points=points, interfaces=False)
    assert readings.error == ""
    assert values(readings, "fan") == {"a": None, "b": 900}
    assert "genErr at 1.3.6.1.4.1.9.7.0" in readings.notes["unreadable"]


def test_a_dead_device_is_an_error_and_nothing_else() -> None:
    readings, _ = poll(UPTIME, lambda *_: None)
    assert "no answer within 0.15 s (2 tries)" in readings.error
    assert readings.columns == []
    assert readings.uptime is None


def test_a_device_without_interfaces_is_well() -> None:
    readings, _ = poll(UPTIME)
    assert (readings.error, [column.metric for column in readings.columns]) == ("", ["uptime"])


def test_a_credential_of_another_sort_is_refused() -> None:
    kind = KINDS["snmp"]
    readings = asyncio.run(kind.collect(Target("127.0.0.1"), kind.Options.from_dict({}), HttpBearer("x")))
    assert readings.error == "SNMP needs a community or a user"


def test_what_tells_that_interfaces_came_or_went() -> None:
    changed = {"1.3.6.1.2.1.31.1.5.0": integer(4200, 0x43)}
    readings, _ = poll({**UPTIME, **changed, **port(1, "Gi1"), **port(2, "Gi2")})
    assert values(readings, "if.count") == {"": 2}
    assert values(readings, "if.table.changed") == {"": 42.0}
