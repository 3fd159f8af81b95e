"""Selectors pick devices and instances, and wrong ones are refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.selector import SelectorError, Subject, picks_device, picks_instance, validate

SWITCH = Subject(
    role=1,
    site=7,
    platform="ios",
    tag=frozenset({"core", "paris"}),
    status="active",
    kind="snmp",
    role_kind="server",
)


@pytest.mark.parametrize(
    ("selector", "picked"),
    [
        ({}, True),
        ({"role": [1, 2]}, True),
        ({"role": [2]}, False),
        ({"role": []}, False),
        ({"not_role": [1]}, False),
        ({"not_role": [2], "site": [7]}, True),
        ({"not_role": []}, True),
        ({"role_kind": ["server"]}, True),
        ({"role_kind": ["printer"]}, False),
        ({"not_role_kind": ["server", "printer"]}, False),
        ({"not_role_kind": ["printer"], "role": [1]}, True),
        ({"site": [7], "platform": ["ios"]}, True),
        ({"site": [7], "platform": ["junos"]}, False),
        ({"tag": ["paris", "rome"]}, True),
        ({"tag": ["rome"]}, False),
        ({"status": ["active"], "kind": ["ping"]}, False),
        ({"instance": "nothing about devices"}, True),
    ],
)
def test_devices(selector, picked):
    assert picks_device(selector, SWITCH) is picked


@pytest.mark.parametrize(
    ("selector", "instance", "picked"),
    [
        ({}, "Gi1/0/1", True),
        ({"instance": "^Gi"}, "Gi1/0/1", True),
        ({"instance": "^Te"}, "Gi1/0/1", False),
        ({"not_instance": "^(Null|lo)"}, "Null0", False),
        ({"instance": "/0/", "not_instance": "48$"}, "Gi1/0/48", False),
    ],
)
def test_instances(selector, instance, picked):
    assert picks_instance(selector, instance) is picked


@pytest.mark.parametrize(
    ("selector", "word"),
    [
        ([], "object"),
        ({"rolle": [1]}, "rolle"),
        ({"role": ["x"]}, "role"),
        ({"role": [True]}, "role"),
        ({"not_role": "1"}, "not_role"),
        ({"site": 7}, "site"),
        ({"tag": [1]}, "tag"),
        ({"not_role_kind": [1]}, "not_role_kind"),
        ({"instance": "("}, "instance"),
        ({"instance": "a" * 201}, "instance"),
    ],
)
def test_wrong_selectors_are_named(selector, word):
    with pytest.raises(SelectorError, match=word):
        validate(selector)


@given(st.dictionaries(st.sampled_from(["role", "site"]), st.lists(st.integers(0, 9))))
def test_more_keys_never_pick_more(selector):
    validate(selector)
    picked = picks_device(selector, SWITCH)
    for key in selector:
        fewer = {name: value for name, value in selector.items() if name != key}
        assert picks_device(fewer, SWITCH) or not picked
