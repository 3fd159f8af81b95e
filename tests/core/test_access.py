"""Who may do what: visible, can, require, hidden fields, and the check after a change."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import SYSTEM, can, check_after, check_all_after, hidden_fields, require, visible
from core.models import ApiToken, Credential, Permission, Role, SavedView, Tag, User
from core.tokens import create_token
from inventory.models import Device, Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def devices():
    zurich, bern = (Site.objects.create(name=name) for name in ("Zurich", "Bern"))
    core = Tag.objects.create(name="core")
    made = [
        Device.objects.create(name="a", site=zurich, status="active"),
        Device.objects.create(name="b", site=zurich, status="retired"),
        Device.objects.create(name="c", site=bern, status="active"),
        Device.objects.create(name="d", status="planned"),
    ]
    made[0].tags.add(core, Tag.objects.create(name="edge"))
    made[3].tags.add(core)
    return made


def names(rows):
    return sorted(row.name for row in rows)


@pytest.mark.parametrize("user", [None, AnonymousUser()])
def test_nobody_sees_nothing(devices, user):
    assert not visible(user, Device).exists()
    assert not can(user, "view", Device)
    assert hidden_fields(user, Device) == frozenset()


def test_a_stranger_sees_nothing_anywhere(devices, person):
    stranger = person("stranger")
    for model in (Device, Site, Tag, User, Role, Permission, Credential, ApiToken):
        assert not visible(stranger, model).exists(), model


def test_a_deactivated_user_sees_nothing(devices, person):
    boss = person("boss", "administrator", is_superuser=True, is_active=False)
    assert not visible(boss, Device).exists()
    assert not can(boss, "view", Device)


def test_superuser_and_system_see_everything(devices, person):
    assert visible(person("root", is_superuser=True), Device).count() == 4
    assert visible(SYSTEM, Device, "delete").count() == 4
    assert can(SYSTEM, "anything", devices[0])


@pytest.mark.parametrize(
    ("role", "action", "model", "allowed"),
    [
        ("administrator", "delete", User, True),
        ("administrator", "acknowledge", Device, True),
        ("operator", "change", Device, True),
        ("operator", "acknowledge", Device, True),
        ("operator", "delete", Device, False),
        ("operator", "add", Credential, True),
        ("operator", "view", User, False),
        ("operator", "change", Role, False),
        ("operator", "view", Permission, False),
        ("viewer", "view", Device, True),
        ("viewer", "change", Device, False),
        ("viewer", "view", User, False),
        ("viewer", "change", Credential, False),
    ],
)
def test_built_in_roles(person, role, action, model, allowed):
    user = person("someone", role)
    assert can(user, action, model) is allowed
    if not allowed:
        with pytest.raises(PermissionDenied, match=rf"You may not {action} "):
            require(user, action, model)


def test_tokens_of_others_are_not_seen(person):
    operator, admin = person("op", "operator"), person("ad", "administrator")
    mine, _ = create_token(operator, "mine")
    theirs, _ = create_token(admin, "theirs")
    assert list(visible(operator, ApiToken)) == [mine]
    assert set(visible(admin, ApiToken)) == {mine, theirs}


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (None, "abcd"),
        ({}, "abcd"),
        ({"status": "active"}, "ac"),
        ({"site__name": "Zurich", "status__in": ["active", "planned"]}, "a"),
        ([{"site__name": "Bern"}, {"site": None}], "cd"),
        ({"tags__name__in": ["core", "edge"]}, "ad"),
        ([{"tags__name": "core"}, {"status": "retired"}], "abd"),
        ({"pk__in": []}, ""),
    ],
)
def test_constraints_filter_rows_without_repeating_them(devices, person, allow, constraint, expected):
    user = person("someone")
    allow(user, "inventory.device", ["view"], constraint)
    assert names(visible(user, Device)) == list(expected)
    for device in devices:
        assert can(user, "view", device) is (device.name in expected)
    assert not visible(user, Device, "change").exists()
    assert not visible(user, Site).exists()


def test_permissions_add_up_and_wildcards_count(devices, person, allow):
    user = person("someone")
    allow(user, "inventory.device", ["view"], {"site__name": "Bern"})
    allow(user, "inventory.*", ["view"], {"pk": devices[3].pk})
    allow(user, "inventory.device", ["*"], {"status": "retired"})
    assert names(visible(user, Device)) == ["b", "c", "d"]
    assert names(visible(user, Device, "reboot")) == ["b"]


def test_user_in_a_constraint_is_the_person(person, allow):
    ann, bob = person("ann"), person("bob")
    allow(ann, "core.user", ["view"], {"pk__in": ["$user"]})
    assert list(visible(ann, User)) == [ann]
    view = SavedView.objects.create(owner=bob, resource="inventory.device", name="mine")
    shared = SavedView.objects.create(owner=bob, resource="inventory.device", name="ours", shared=True)
    assert list(visible(ann, SavedView)) == [shared]
    assert list(visible(bob, SavedView, "change")) == [view, shared]


def test_one_query_for_permissions_whatever_is_asked(devices, person, allow, django_assert_num_queries):
    user = person("someone")
    allow(user, "inventory.device", ["view", "change"], {"status": "active"})
    with django_assert_num_queries(1):
        can(user, "view", Device), hidden_fields(user, Device), visible(user, Device), can(user, "add", Site)


def test_hidden_fields_need_an_unconstrained_permission_to_be_shown(person, allow):
    user = person("someone")
    allow(user, "inventory.device", ["view"], {"status": "active"}, ["serial", "notes"])
    allow(user, "inventory.device", ["view"], {"status": "planned"})
    assert hidden_fields(user, Device) == {"serial", "notes"}
    again = User.objects.get(pk=user.pk)
    allow(again, "inventory.*", ["view"], None, ["notes"])
    assert hidden_fields(again, Device) == {"notes"}
    assert hidden_fields(again, Site) == {"notes"}


@pytest.mark.parametrize(
    ("resource", "constraint", "says"),
    [
        ("inventory.device", {"sitte": 1}, "sitte"),
        ("inventory.device", {"site__nam": "x"}, "nam"),
        ("inventory.device", {"name__foo": "x"}, "foo"),
        ("inventory.device", {"pk": "x"}, "expected a number"),
        ("inventory.device", {"created_at__gt": "yesterday"}, "invalid format"),
        ("inventory.device", {"credential__secret": "x"}, "encrypted"),
        ("inventory.device", {"name__iregex": "(("}, "regular expressions"),
        ("inventory.device", {"_negated": True}, "_negated"),
        ("inventory.device", 3, "must be an object"),
        ("inventory.device", [], "must not be empty"),
        ("inventory.device", [{}], "not empty"),
        ("inventory.device", [{"name": "a"}, 3], "must be an object"),
        ("inventory.device", [{"name": "a"}] * 51, "at most 50"),
        ("inventory.*", {"serial": "x"}, "serial"),
    ],
)
def test_a_constraint_that_does_not_fit_the_model_is_refused(constraint, resource, says):
    role = Role.objects.create(name="new")
    permission = Permission(role=role, resource=resource, actions=["view"], constraint=constraint)
    with pytest.raises(ValidationError) as caught:
        permission.save()
    assert says in caught.value.message_dict["constraint"][0]
    assert not role.permissions.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"resource": "inventory.nothing"}, "resource"),
        ({"resource": "nothing"}, "resource"),
        ({"actions": []}, "actions"),
        ({"actions": ["View!"]}, "actions"),
        ({"hidden_fields": ["colour"]}, "hidden_fields"),
    ],
)
def test_other_fields_of_a_permission_are_checked(fields, field):
    role = Role.objects.create(name="new")
    with pytest.raises(ValidationError) as caught:
        Permission.objects.create(
            **{"role": role, "resource": "inventory.device", "actions": ["view"], **fields}
        )
    assert field in caught.value.message_dict


def test_built_in_roles_cannot_be_changed():
    role = Role.objects.get(name="viewer")
    with pytest.raises(ValidationError, match="built in"):
        Permission.objects.create(role=role, resource="inventory.device", actions=["delete"])


def test_a_constraint_that_no_longer_fits_lets_nothing_through(devices, person, allow, caplog):
    user = person("someone")
    permission = allow(user, "inventory.device", ["view"], {"status": "active"})
    Permission.objects.filter(pk=permission.pk).update(constraint={"field_of_last_year": 1})
    assert not visible(user, Device).exists()
    assert "cannot be used" in caplog.text


def test_a_change_out_of_ones_own_sight_is_undone(devices, person, allow):
    user = person("someone")
    allow(user, "inventory.device", ["view", "add", "change"], {"site__name": "Zurich"})
    device = devices[0]
    device.site = devices[2].site
    with pytest.raises(PermissionDenied, match="outside your permissions"), transaction.atomic():
        device.save()
        check_after(user, "change", device)
    assert Device.objects.get(pk=device.pk).site.name == "Zurich"
    with pytest.raises(PermissionDenied), transaction.atomic():
        check_after(user, "add", Device.objects.create(name="new"))
    assert not Device.objects.filter(name="new").exists()
    with transaction.atomic():
        check_all_after(user, "change", Device, [devices[0].pk, devices[1].pk])


@pytest.mark.parametrize(
    ("scopes", "view", "change", "site"),
    [
        (["read"], True, False, True),
        (["write"], True, True, True),
        (["inventory.device:view"], True, False, False),
        (["inventory.device:*"], True, True, False),
        (["inventory.*:view"], True, False, True),
        (["monitoring.*:*"], False, False, False),
    ],
)
def test_scopes_of_a_token_restrict_even_superusers(devices, person, scopes, view, change, site):
    for user in (person("root", is_superuser=True), person("op", "operator")):
        user.token_scopes = tuple(scopes)
        assert visible(user, Device).exists() is can(user, "view", Device) is view
        assert visible(user, Device, "change").exists() is can(user, "change", devices[0]) is change
        assert visible(user, Site).exists() is site


def test_scopes_never_widen_what_the_person_may_do(devices, person):
    user = person("someone", "viewer")
    user.token_scopes = ("write",)
    assert can(user, "view", Device)
    assert not can(user, "change", Device)


SITES = ["Zurich", "Bern", None]
STATUSES = ["active", "retired", "planned"]
condition = st.one_of(
    st.fixed_dictionaries({"status": st.sampled_from(STATUSES)}),
    st.fixed_dictionaries({"status__in": st.lists(st.sampled_from(STATUSES), max_size=2)}),
    st.fixed_dictionaries({"site__name": st.sampled_from(["Zurich", "Bern"])}),
    st.fixed_dictionaries({"site__isnull": st.booleans()}),
    st.fixed_dictionaries({"tags__name": st.sampled_from(["core", "edge"])}),
    st.fixed_dictionaries({"name__startswith": st.sampled_from("abcd")}),
)
filters = st.lists(condition, min_size=1, max_size=3).map(
    lambda parts: {k: v for p in parts for k, v in p.items()}
)
constraints = st.one_of(st.none(), filters, st.lists(filters, min_size=1, max_size=3))

FITS = {
    "status": lambda device, value: device.status == value,
    "status__in": lambda device, value: device.status in value,
    "site__name": lambda device, value: device.site is not None and device.site.name == value,
    "site__isnull": lambda device, value: (device.site is None) is value,
    "tags__name": lambda device, value: value in {tag.name for tag in device.tags.all()},
    "name__startswith": lambda device, value: device.name.startswith(value),
}


def fits(device, constraint):
    if constraint is None:
        return True
    if isinstance(constraint, list):
        return any(fits(device, one) for one in constraint)
    return all(FITS[key](device, value) for key, value in constraint.items())


@settings(
    max_examples=40,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wanted=st.lists(constraints, min_size=1, max_size=3))
def test_visible_is_the_plain_filter(devices, wanted):
    with transaction.atomic():
        user = User.objects.create_user("anyone")
        role = Role.objects.create(name="any")
        role.users.add(user)
        for constraint in wanted:
            Permission.objects.create(
                role=role, resource="inventory.device", actions=["view"], constraint=constraint
            )
        expected = [device.name for device in devices if any(fits(device, one) for one in wanted)]
        assert names(visible(user, Device)) == expected
        assert [device.name for device in devices if can(user, "view", device)] == expected
        transaction.set_rollback(True)
