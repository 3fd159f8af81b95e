"""Points: polled values are those that discovery found, by the same arithmetic."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.metrics import METRICS
from probes.snmp import points as polling
from probes.snmp.discover import discover
from probes.snmp.found import SENSOR_METRICS, Found, points
from probes.snmp.points import Expression, Point, number, share
from probes.snmp.values import Value
from tests.probes.walk_client import WalkClient

STORAGE = "1.3.6.1.2.1.25.2.3.1"
MEMORY = "1.3.6.1.2.1.25.2.1.2"
WALK: dict[str, Value] = {
    f"{STORAGE}.2.1": MEMORY,
    f"{STORAGE}.3.1": b"Physical memory",
    f"{STORAGE}.4.1": 1024,
    f"{STORAGE}.5.1": 1000,
    f"{STORAGE}.6.1": 250,
    "1.3.6.1.2.1.25.3.3.1.2.1": 10,
    "1.3.6.1.2.1.25.3.3.1.2.2": 30,
    "1.3.6.1.2.1.33.1.2.1.0": 3,
    "1.3.6.1.2.1.33.1.2.5.0": 273,
    "1.3.6.1.2.1.33.1.3.3.1.3.1": 230,
    "1.3.6.1.2.1.33.1.4.4.1.2.1": 231,
    "1.3.6.1.2.1.43.11.1.1.6.1.1": b"Black",
    "1.3.6.1.2.1.43.11.1.1.8.1.1": 80,
    "1.3.6.1.2.1.43.11.1.1.9.1.1": 20,
}


@pytest.fixture(scope="module")
def found() -> Found:
    return asyncio.run(discover(WalkClient(WALK)))


def test_polling_reads_what_discovery_found(found: Found) -> None:
    all_points = [Point.from_list(point.to_list()) for point in points(found)]
    values = asyncio.run(WalkClient(WALK).get(polling.oids(all_points)))
    columns = {
        column.metric: dict(zip(column.instances, column.values, strict=True))
        for column in polling.read(all_points, values)
    }
    assert columns["cpu.usage"] == {"": 20.0}
    assert columns["cpu.core.usage"] == {"Processor 1": 10.0, "Processor 2": 30.0}
    assert columns["memory.usage"] == {"": 25.0}
    assert columns["memory.used"] == {"": 250 * 1024}
    assert columns["voltage"] == pytest.approx({"Battery": 27.3, "Input 1": 230, "Output 1": 231})
    assert columns["supply.level"] == {"Black": 25.0}
    assert columns["sensor.state"] == {"Battery": 2}


@pytest.mark.parametrize(
    ("descr", "name"),
    [
        ("D:\\ Label:Data  Serial Number 1234abcd", "D:\\ Data"),
        ("C:\\ Label:  Serial Number 10f82425", "C:\\"),
        ("E:\\ Label:Old data 2019  Serial Number 0", "E:\\ Old data 2019"),
        ("C:\\ Label:Serial Number  Serial Number 7", "C:\\ Serial Number"),
        ("E:\\", "E:\\"),
        ("/var", "/var"),
        ("Serial Number 12", "Serial Number 12"),
    ],
)
def test_disks_are_called_as_people_call_them(descr: str, name: str) -> None:
    walk = {
        **{oid: value for oid, value in WALK.items() if oid.startswith(STORAGE)},
        f"{STORAGE}.2.1": "1.3.6.1.2.1.25.2.1.4",
        f"{STORAGE}.3.1": descr.encode(),
    }
    found = asyncio.run(discover(WalkClient(walk)))
    assert [disk.descr for disk in found.storage] == [descr]
    assert {point.instance for point in points(found) if point.metric.startswith("disk.")} == {name}


def test_metrics_of_discovery_are_in_the_table(found: Found) -> None:
    assert {*SENSOR_METRICS.values(), *(point.metric for point in points(found))} <= METRICS.keys()


def test_instances_of_a_metric_are_unique(found: Found) -> None:
    found.supplies.append(found.supplies[0])
    keys = [(point.metric, point.instance) for point in points(found)]
    found.supplies.pop()
    assert len(keys) == len(set(keys))
    assert ("supply.level", "Black#2") in keys


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(5, 5), (b"45.5 C", 45.5), ("-3.2V", -3.2), (b"N/A", None), (None, None), (b"1e3", 1000.0), (b"", None)],
)
def test_number(raw: Value | None, expected: float | None) -> None:
    assert number(raw) == expected


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        (Expression((("1.1", -1.0),), (), 100.0), {"1.1": 93}, 7.0),
        (share((("1.1", 1.0), ("1.2", -1.0)), (("1.1", 1.0),)), {"1.1": 200, "1.2": 150}, 25.0),
        (share((("1.1", 1.0),), (("1.2", 1.0),)), {"1.1": 5, "1.2": 0}, None),
        (Expression((("1.1", 1.0),)), {}, None),
        (Expression((("1.1", 1.0),), form="dbm"), {"1.1": 1}, 0.0),
        (Expression((("1.1", 1.0),), form="dbm"), {"1.1": 0}, -40.0),
    ],
)
def test_expression(expression: Expression, values: dict[str, Value], expected: float | None) -> None:
    assert expression.value(values) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(1, 0), (2, 2), (b"2 (failed)", 2), (9, None), (b"ok", 0), (b"on fire", None), (None, None)],
)
def test_severity(raw: Value | None, expected: int | None) -> None:
    point = Point("1.1", "sensor.state", states={"1": 0, "2": 2, "ok": 0})
    assert point.value({} if raw is None else {"1.1": raw}) == expected


TERMS = st.lists(st.tuples(st.sampled_from(["1.1", "1.2"]), st.floats(-10, 10)), max_size=3).map(tuple)


@given(
    st.floats(-1e6, 1e6),
    TERMS,
    TERMS,
    st.floats(-100, 100),
    st.dictionaries(st.text("12"), st.integers(0, 2)),
)
def test_a_point_survives_json(
    scale: float, plus: polling.Terms, over: polling.Terms, base: float, states: dict[str, int]
) -> None:
    point = Point("1.1", "voltage", "x", scale, plus, over, base, "", states)
    assert Point.from_list(point.to_list()) == point


@pytest.mark.parametrize(
    "data",
    [[], ["1.1", "m", "i"], ["1.1", "m", "i", "x"], ["1.1", "m", "i", 1, {"what": 1}], [1, "m", "i", 1]],
)
def test_a_wrong_point_is_refused(data: list[object]) -> None:
    with pytest.raises(ValueError, match=r"point|float"):
        Point.from_list(data)
