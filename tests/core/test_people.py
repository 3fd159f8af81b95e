"""People: made, deactivated, given passwords and roles; nobody rises above themselves, somebody remains."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from core import actions, tokens
from core.access import can
from core.models import Permission, Role, User
from inventory.models import Device

pytestmark = pytest.mark.django_db


def role(name):
    return Role.objects.get(name=name)


@pytest.fixture
def boss(person):
    return person("boss", "administrator")


@pytest.fixture
def clerk(person, allow):
    """May manage people and roles, but not everything."""
    user = person("clerk")
    allow(user, "core.*", ["view", "add", "change", "delete"])
    return user


def test_a_new_person_gets_password_and_roles(boss):
    user, password = actions.create_user(boss, "new", "new@example.com", roles=[role("operator")])
    assert user.check_password(password)
    assert can(User.objects.get(pk=user.pk), "change", Device)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "boss"}, "username"),
        ({"username": "new", "email": "nonsense"}, "email"),
        ({"username": "BOSS"}, "__all__"),
        ({"username": "new", "email": "BOSS@example.com"}, "__all__"),
        ({"username": "new", "password": "123"}, "password"),
    ],
)
def test_a_person_who_does_not_fit_is_refused_by_field(boss, fields, field):
    with pytest.raises(ValidationError) as caught:
        actions.create_user(boss, **fields)
    assert field in caught.value.message_dict
    assert User.objects.count() == 1


def test_without_the_right_nothing_happens(person):
    operator, other = person("op", "operator"), person("other")
    for act in (
        lambda: actions.create_user(operator, "new"),
        lambda: actions.set_active(operator, other, False),
        lambda: actions.reset_password(operator, other),
        lambda: actions.give_role(operator, other, role("viewer")),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert User.objects.get(pk=other.pk).is_active
    assert not User.objects.filter(username="new").exists()


def test_nobody_rises_above_themselves(clerk, boss):
    for act in (
        lambda: actions.reset_password(clerk, boss),
        lambda: actions.set_active(clerk, boss, False),
        lambda: actions.unlock(clerk, boss),
        lambda: actions.give_role(clerk, clerk, role("administrator")),
        lambda: actions.create_user(clerk, "puppet", roles=[role("administrator")]),
    ):
        with pytest.raises(PermissionDenied, match="administrator"):
            act()
    assert not User.objects.filter(username="puppet").exists()
    with pytest.raises(PermissionDenied, match="viewer may do more than you: view on inventory"):
        actions.give_role(clerk, clerk, role("viewer"))


def test_nobody_rises_by_the_api_either(clerk, boss):
    _, token = tokens.create_token(clerk, "t")
    api = {"headers": {"authorization": f"Bearer {token}"}, "content_type": "application/json"}
    client = Client()
    mine = Role.objects.get(users=clerk)
    permission = {"role": mine.pk, "resource": "*", "actions": ["*"]}
    assert client.post("/api/v1/permissions/", permission, **api).status_code == 403
    users = {"users": [clerk.pk, boss.pk]}
    assert client.patch(f"/api/v1/roles/{role('administrator').pk}/", users, **api).status_code == 403
    mail = {"email": "clerk2@example.com"}
    assert client.patch(f"/api/v1/users/{boss.pk}/", mail, **api).status_code == 403
    assert client.delete(f"/api/v1/users/{boss.pk}/", **api).status_code == 403
    assert client.patch(f"/api/v1/users/{clerk.pk}/", {"is_active": False}, **api).status_code == 403
    assert client.delete(f"/api/v1/users/{clerk.pk}/", **api).status_code == 403
    assert not Permission.objects.filter(role=mine, resource="*").exists()
    assert User.objects.get(pk=boss.pk).email == "boss@example.com"
    assert not role("administrator").users.filter(pk=clerk.pk).exists()
    other = User.objects.create_user("other")
    assert client.patch(f"/api/v1/users/{other.pk}/", {"is_active": False}, **api).status_code == 200


def test_nobody_locks_another_out_by_taking_the_name_in_other_letters(clerk, boss):
    """Names are compared without case at login: with two of a kind neither would get in."""
    _, token = tokens.create_token(clerk, "t")
    api = {"headers": {"authorization": f"Bearer {token}"}, "content_type": "application/json"}
    answer = Client().post("/api/v1/users/", {"username": "Boss"}, **api)
    assert answer.status_code == 400
    assert "Another person has this username" in str(answer.json())
    assert Client().patch(f"/api/v1/users/{clerk.pk}/", {"username": "BOSS"}, **api).status_code == 400
    assert Client().patch(f"/api/v1/users/{clerk.pk}/", {"username": "CLERK"}, **api).status_code == 200
    client = Client()
    client.post("/account/login/", {"login": "boss", "password": "correct horse 9"})
    assert client.get("/account/profile/").status_code == 200


def test_built_in_roles_stay_as_they_are(boss):
    _, token = tokens.create_token(boss, "t")
    api = {"headers": {"authorization": f"Bearer {token}"}, "content_type": "application/json"}
    viewer = role("viewer")
    client = Client()
    assert client.delete(f"/api/v1/roles/{viewer.pk}/", **api).status_code == 403
    assert client.patch(f"/api/v1/roles/{viewer.pk}/", {"name": "x"}, **api).status_code == 400
    permission = viewer.permissions.first()
    assert client.delete(f"/api/v1/permissions/{permission.pk}/", **api).status_code == 403
    assert client.patch(f"/api/v1/permissions/{permission.pk}/", {"actions": ["*"]}, **api).status_code == 400
    assert role("viewer").permissions.get(pk=permission.pk).actions == ["view"]


def test_the_last_administrator_stays(boss, person):
    with pytest.raises(ValidationError, match="last administrator"):
        actions.take_role(boss, boss, role("administrator"))
    with pytest.raises(ValidationError, match="yourself"):
        actions.set_active(boss, boss, False)
    second = person("second", "administrator")
    actions.set_active(second, boss, False)
    assert not User.objects.get(pk=boss.pk).is_active
    assert User.objects.get(pk=boss.pk).roles.exists()


def test_a_new_password_works_at_once_and_ends_sessions(boss, person, client):
    ann = person("ann")
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    boss_client = Client()
    boss_client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = boss_client.post(f"/core/users/{ann.pk}/reset-password/")
    password = page.context["password"]
    assert password in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert User.objects.get(pk=ann.pk).check_password(password)
    assert client.get("/account/profile/").status_code == 302


@pytest.mark.parametrize(
    "act", ["activate", "deactivate", "unlock", "reset-password", "give-role", "take-role"]
)
def test_strangers_do_nothing_to_people(person, as_person, act):
    ann = person("ann")
    before = User.objects.filter(pk=ann.pk).values().get()
    url = f"/core/users/{ann.pk}/{act}/"
    assert Client().post(url).status_code == 302
    stranger = as_person("stranger", "operator")
    assert stranger.get(url).status_code == 405
    assert stranger.post(url, {"role": role("viewer").pk}).status_code == 404
    assert User.objects.filter(pk=ann.pk).values().get() == before
    assert not ann.roles.exists()


@pytest.mark.parametrize("key", ["", "x", "0", "9" * 40])
def test_a_role_that_does_not_exist_is_404(person, as_person, key):
    boss, ann = as_person("boss", "administrator"), person("ann")
    assert boss.post(f"/core/users/{ann.pk}/give-role/", {"role": key}).status_code == 404


def test_profile_keeps_what_one_says(as_person):
    client = as_person("ann")
    bad = client.post("/account/profile/", {"time_zone": "Mars/Olympus", "theme": "dark"})
    assert bad.status_code == 200 and "valid choice" in bad.content.decode()
    good = {"first_name": "Ann", "last_name": "Bo", "time_zone": "Asia/Tokyo", "theme": "dark"}
    assert client.post("/account/profile/", good).status_code == 302
    user = User.objects.get(username="ann")
    assert (str(user), user.time_zone, user.theme) == ("Ann Bo", "Asia/Tokyo", "dark")
    page = client.get("/account/profile/").content.decode()
    assert 'data-theme-preference="dark"' in page
    assert client.post("/account/theme/", {"theme": "light"}).status_code == 204
    assert client.post("/account/theme/", {"theme": "pink"}).status_code == 400
    assert User.objects.get(username="ann").theme == "light"
