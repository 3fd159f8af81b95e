"""Options: what comes in wrong is named, whatever it is."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.kinds import KINDS, registry
from probes.metrics import METRICS
from probes.options import OptionError, options_schema

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
REQUIRED = {"tcp": {"port": 443}, "dns": {"name": "example.org"}}


@pytest.mark.parametrize("name", KINDS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_data_is_taken_or_refused_by_field(name: str, data: st.DataObject) -> None:
    options = KINDS[name].Options
    names = st.sampled_from([field.name for field in options_schema(options)])
    given_data = {**REQUIRED.get(name, {}), **data.draw(st.dictionaries(names, JSON, max_size=4))}
    try:
        made = options.from_dict(given_data)
    except OptionError as error:
        assert error.field in {field.name for field in options_schema(options)}
        assert error.message and "\n" not in error.message
    else:
        assert options.from_dict(json.loads(json.dumps(made.to_dict()))) == made


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("tcp", {}, "port"),
        ("tcp", {"port": 0}, "port"),
        ("tcp", {"port": 65536}, "port"),
        ("tcp", {"port": "many"}, "port"),
        ("tcp", {"port": True}, "port"),
        ("tcp", {"port": 1, "timeout": float("nan")}, "timeout"),
        ("tcp", {"port": 1, "colour": "red"}, "colour"),
        ("snmp", {"interfaces": "perhaps"}, "interfaces"),
        ("snmp", {"points": "1.3.6"}, "points"),
        ("snmp", {"points": [["1.3.6.x", "fan", "", 1]]}, "points"),
        ("snmp", {"points": [["1.3.6.1", "fan", ""]]}, "points"),
        ("snmp", {"points": [["1.3.6.1", "fan", "", "fast"]]}, "points"),
        ("dns", {"name": "a..b"}, "name"),
        ("dns", {"name": "a.b", "type": "WKS"}, "type"),
        ("http", {"url": "ftp://host/"}, "url"),
        ("http", {"url": "http://user:secret@host/"}, "url"),
        ("http", {"url": "http://"}, "url"),
        ("http", {"url": "http://host:99999/"}, "url"),
        ("http", {"url": "host/path"}, "url"),
        ("http", {"status": "2xx"}, "status"),
        ("http", {"json_path": "a..b"}, "json_path"),
        ("http", {"json_expect": "1"}, "json_path"),
        ("http", {"headers": {"a b": "c"}}, "headers"),
        ("http", {"headers": {"a": "c\r\nd: e"}}, "headers"),
        ("tls", {"starttls": "gopher"}, "starttls"),
        ("ping", {"count": 1.5}, "count"),
        ("ping", [], "options"),
    ],
)
def test_the_field_is_named(kind: str, data: dict, field: str) -> None:
    with pytest.raises(OptionError) as caught:
        KINDS[kind].Options.from_dict(data)
    assert caught.value.field == field


def test_a_form_learns_what_there_is() -> None:
    port, *_ = options_schema(KINDS["tcp"].Options)
    assert (port.name, port.type, port.required, port.minimum, port.maximum) == (
        "port",
        "int",
        True,
        1,
        65535,
    )
    record = next(field for field in options_schema(KINDS["dns"].Options) if field.name == "type")
    assert record.default == "A" and "MX" in record.choices
    assert all(field.help for kind in KINDS.values() for field in options_schema(kind.Options))


def test_numbers_may_come_as_text_of_a_form() -> None:
    options = KINDS["tcp"].Options.from_dict({"port": "22", "timeout": "1.5"})
    assert (options.port, options.timeout) == (22, 1.5)  # type: ignore[attr-defined]


def test_two_kinds_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="two kinds of probes are named tcp"):
        registry([KINDS["tcp"], KINDS["tcp"]])


def test_metrics_have_units_that_pages_know() -> None:
    units = {metric.unit for metric in METRICS.values()}
    assert all(name == metric.name for name, metric in METRICS.items())
    assert {"%", "B", "B/s", "1/s", "s", "°C", ""} <= units
