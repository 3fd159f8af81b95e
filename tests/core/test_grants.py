"""A covers B: decided by what is written in permissions alone; what is covered never widens anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.constraints import USER, alternatives
from core.grants import EVERYTHING, Grant, excess, hidden_at, implies, spans

ME = 7
FIELDS = {"a.x": {"name", "serial"}, "a.y": {"name", "note"}, "a.*": {"name", "serial", "note"}}


def grant(resource, actions="view", constraint=None, hidden=""):
    return Grant(resource, frozenset(actions.split()), constraint, frozenset(hidden.split()))


def fields_of(resource):
    return FIELDS.get(resource, {"name", "serial", "note"})


def beyond(held, wanted):
    return excess(held, wanted, ME, fields_of)


COVERED = [
    ([EVERYTHING], grant("*", "*")),
    ([grant("*", "*")], grant("a.x", "view", {"site": 1})),
    ([grant("a.*", "view change")], grant("a.x", "change")),
    ([grant("a.x", "*")], grant("a.x", "fly")),
    ([grant("a.x", "view"), grant("a.x", "change")], grant("a.x", "view change")),
    ([grant("a.x", "view", {"site": 1})], grant("a.x", "view", {"site": 1, "name": "n"})),
    ([grant("a.x", "view", {"site": 1}), grant("a.x", "view", {"site": 2})],
     grant("a.x", "view", [{"site": 2}, {"site": 1}])),
    ([grant("a.x", "view", {"site__in": [1, 2]})], grant("a.x", "view", {"site__in": [2]})),
    ([grant("a.x", "view", {"site__in": [1, 2]})], grant("a.x", "view", {"site": 2})),
    ([grant("a.x", "view", {"owner": USER})], grant("a.x", "view", {"owner": USER})),
    ([grant("a.x", "view", {"owner": USER})], grant("a.x", "view", {"owner": ME})),
    ([grant("a.x", "view", {})], grant("a.x", "view", None)),
    ([grant("a.x", hidden="serial")], grant("a.x", hidden="serial name")),
    ([grant("a.x", hidden="serial"), grant("a.x")], grant("a.x")),
    ([grant("a.*", hidden="note")], grant("a.x")),
    ([], grant("a.x", "view", [])),
]  # fmt: skip

BEYOND = [
    ([], grant("a.x"), "view on a.x"),
    ([grant("a.*", "*")], grant("*", "view"), "view on everything"),
    ([grant("a.x", "*"), grant("a.y", "*")], grant("a.*", "view"), "view on a.*"),
    ([grant("a.x", "*")], grant("ab.x", "view"), "view on ab.x"),
    ([grant("a.*", "*")], grant("ab.x", "view"), "view on ab.x"),
    ([grant("a.x", "view change")], grant("a.x", "*"), "every action on a.x"),
    ([grant("a.x", "view")], grant("a.x", "view silence_all"), "silence all on a.x"),
    ([grant("a.x", "view", {"site": 1})], grant("a.x"), 'view on a.x beyond your limit {"site": 1}'),
    ([grant("a.x", "view", {"site": 1})], grant("a.x", "view", {}), "beyond your limit"),
    ([grant("a.x", "view", {"site": 1})], grant("a.x", "view", {"site": 2}), "beyond your limit"),
    ([grant("a.x", "view", {"site": 1})], grant("a.x", "view", [{"site": 1}, {"name": "n"}]), "beyond"),
    ([grant("a.x", "view", {"site": 1}), grant("a.x", "change")], grant("a.x"), "view on a.x"),
    ([grant("a.x", "view", {"site__in": [1]})], grant("a.x", "view", {"site__in": [1, 2]}), "beyond"),
    ([grant("a.x", "view", {"known": True})], grant("a.x", "view", {"known": 1}), "beyond"),
    ([grant("a.x", "view", {"owner": ME})], grant("a.x", "view", {"owner": USER}), "beyond"),
    ([grant("a.x", "view", {"owner": USER})], grant("a.x", "view", {"owner": 8}), "beyond"),
    ([grant("a.x", hidden="serial")], grant("a.x"), "serial of a.x, which is hidden from you"),
    ([grant("a.x", hidden="serial")], grant("a.x", "change"), "change on a.x"),
    ([grant("a.*"), grant("a.x", "view", {"site": 1}, "serial")], grant("a.y"), ""),
    ([grant("a.*", hidden="serial note")], grant("a.y"), "note of a.y"),
    ([grant("*", "*", {"site": 1}), grant("a.x", hidden="serial")], grant("*", "*", {"site": 1}), "serial"),
]  # fmt: skip


@pytest.mark.parametrize(("held", "wanted"), COVERED)
def test_what_is_no_wider_is_covered(held, wanted):
    assert beyond(held, wanted) == []


@pytest.mark.parametrize(("held", "wanted", "said"), BEYOND)
def test_what_is_wider_is_told(held, wanted, said):
    found = "; ".join(beyond(held, wanted))
    assert said in found
    assert bool(found) is bool(said)


def test_actions_that_exceed_for_one_reason_are_told_together():
    assert beyond([], grant("a.x", "view add")) == ["add, view on a.x"]


# What permissions mean, told again in the simplest way, over a small world of rows and two people.
ROWS = [{"site": site, "owner": owner} for site in (1, 2, 3) for owner in (ME, 8)]
ACTIONS = ("view", "change")
PLACES = ("a.x", "a.y", "b.z")

filters = st.dictionaries(
    st.sampled_from(["site", "owner", "site__in"]),
    st.sampled_from([1, 2, ME, 8, USER]),
    max_size=2,
).map(lambda one: {key: [value, 1] if key.endswith("__in") else value for key, value in one.items()})
grants = st.builds(
    Grant,
    st.sampled_from(["*", "a.*", *PLACES]),
    st.frozensets(st.sampled_from(["*", *ACTIONS]), min_size=1),
    st.none() | filters | st.lists(filters, min_size=1, max_size=2),
    st.frozensets(st.sampled_from(["serial", "note"]), max_size=2),
)


def fits(row, one, who):
    def value(wanted):
        return who if wanted == USER else wanted

    return all(
        row["site"] in map(value, wanted) if key == "site__in" else row[key] == value(wanted)
        for key, wanted in one.items()
    )


def allowed(held, who):
    return {
        (place, action, at)
        for place in PLACES
        for action in ACTIONS
        for at, row in enumerate(ROWS)
        for one in held
        if spans(one.resource, place) and one.allows(action)
        if any(fits(row, part, who) for part in alternatives(one.constraint))
    }


def world_fields(resource):
    return {"serial", "note"}


@given(st.lists(grants, max_size=4), grants)
def test_giving_oneself_what_is_covered_widens_nothing(held, wanted):
    if excess(held, wanted, ME, world_fields):
        return
    assert allowed([*held, wanted], ME) == allowed(held, ME)
    for place in PLACES:
        if spans(wanted.resource, place):
            assert hidden_at([*held, wanted], place) >= hidden_at(held, place)


@given(st.lists(grants, max_size=4), grants)
def test_another_gets_no_row_field_or_action_that_the_giver_lacks(held, wanted):
    """Rows of one's own ($user) are each person's own: they are compared as the same person."""
    if excess(held, wanted, ME, world_fields):
        return
    assert allowed([wanted], ME) <= allowed(held, ME)
    for place in PLACES:
        if spans(wanted.resource, place):
            assert wanted.hidden >= hidden_at(held, place)


@given(st.lists(grants, min_size=1, max_size=4))
def test_one_always_covers_what_one_holds_where_nothing_is_hidden(held):
    shown = [Grant(one.resource, one.actions, one.constraint, frozenset()) for one in held]
    for one in shown:
        assert excess(shown, one, ME, world_fields) == []


@given(filters, filters)
def test_a_narrower_filter_fits_fewer_rows(narrow, wide):
    if implies(narrow, wide, ME):
        assert all(fits(row, wide, ME) for row in ROWS if fits(row, narrow, ME))
