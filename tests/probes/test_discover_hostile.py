"""Discovery survives agents that are broken, silent, or tell nonsense."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.snmp.discover import discover
from probes.snmp.errors import SnmpLoop, SnmpProtocolError, SnmpTimeout
from probes.snmp.found import points
from probes.snmp.values import Value
from tests.probes.walk_client import WalkClient, recorded

WALKS = Path(__file__).parents[3] / "shared" / "corpus" / "snmpsim-data"
IF = "1.3.6.1.2.1.2.2.1"


def test_a_broken_mib_does_not_harm_the_others() -> None:
    errors = {"1.3.6.1.2.1.25": SnmpProtocolError("genErr"), f"{IF}.5": SnmpLoop("loop", {"1": 1000})}
    client = WalkClient(
        {f"{IF}.2.1": b"eth0", "1.3.6.1.2.1.15.3.1.2.192.0.2.1": 6, "1.3.6.1.2.1.15.3.1.9.192.0.2.1": 1},
        errors,
    )
    found = asyncio.run(discover(client))
    assert [(port.ifName, port.ifSpeed) for port in found.ports] == [("eth0", 1000)]
    assert len(found.bgp_peers) == 1
    assert any(problem.startswith("1.3.6.1.2.1.25.") and "genErr" in problem for problem in found.problems)


def test_a_silent_agent_is_given_up() -> None:
    client = WalkClient({}, {"1": SnmpTimeout("no answer")})
    found = asyncio.run(discover(client))
    assert client.requests <= 3
    assert found.problems


OIDS = st.sampled_from(
    [
        f"{IF}.2",
        f"{IF}.5",
        f"{IF}.6",
        "1.3.6.1.2.1.4.20.1.3",
        "1.3.6.1.2.1.4.34.1.5",
        "1.3.6.1.2.1.25.2.3.1.3",
        "1.3.6.1.2.1.25.2.3.1.4",
        "1.3.6.1.2.1.25.2.3.1.5",
        "1.3.6.1.2.1.25.2.3.1.6",
        "1.3.6.1.2.1.25.3.3.1.2",
        "1.3.6.1.2.1.47.1.1.1.1.5",
        "1.3.6.1.2.1.99.1.1.1.1",
        "1.3.6.1.2.1.99.1.1.1.2",
        "1.3.6.1.2.1.99.1.1.1.4",
        "1.0.8802.1.1.2.1.4.1.1.9",
        "1.3.6.1.2.1.17.7.1.4.3.1.1",
        "1.3.6.1.2.1.15.3.1.2",
        "1.3.6.1.2.1.15.3.1.9",
        "1.3.6.1.2.1.43.11.1.1.9",
        "1.3.6.1.2.1.33.1.4.4.1.5",
        "1.3.6.1.4.1.2021.9.1.6",
        "1.3.6.1.4.1.9.9.91.1.1.1.1.4",
    ]
)
INDEX = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6).map(
    lambda parts: ".".join(map(str, parts))
)
ANY_VALUE = st.one_of(st.integers(-(2**31), 2**64 - 1), st.binary(max_size=24), st.just("1.3.6"), st.floats())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.tuples(OIDS, INDEX).map(".".join), ANY_VALUE, max_size=30))
def test_nonsense_is_survived_and_can_be_written(walk: dict[str, Value]) -> None:
    found = asyncio.run(discover(WalkClient({"1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.9.1.1", **walk})))
    assert isinstance(found.to_json(), dict)
    assert all(point.oid for point in points(found))


def walks() -> list[Path]:
    return sorted([*WALKS.rglob("*.snmprec"), *WALKS.rglob("*.snmprec.bz2")])


@pytest.mark.skipif(not WALKS.is_dir(), reason=f"{WALKS} is absent")
def test_full_walks_of_real_agents() -> None:
    for path in walks():
        found = asyncio.run(discover(WalkClient(recorded(path))))
        broken = [problem for problem in found.problems if "Error" in problem]
        assert not broken, f"{path.name}: {broken}"
        keys = [(point.metric, point.instance) for point in points(found)]
        assert len(keys) == len(set(keys)), path.name
