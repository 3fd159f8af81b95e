"""Whoever lost the second factor is let in again: by an administrator, by a command; told in history."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from core import actions, history
from core.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 9"


@pytest.fixture
def ann(person) -> User:
    """With a second factor whose codes nobody has any more."""
    user = person("ann")
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


def gets_in(name: str) -> bool:
    client = Client()
    client.post("/account/login/", {"login": name, "password": PASSWORD})
    return client.get("/account/profile/").status_code == 200


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def url(user: User) -> str:
    return f"/core/users/{user.pk}/remove-second-factor/"


def test_an_administrator_lets_her_in_again(ann, as_person):
    hers = logged_in(ann)
    assert hers.get("/account/profile/").status_code == 200 and not gets_in("ann")
    boss = as_person("boss", "administrator")
    assert "Remove second factor" in boss.get(f"/core/users/{ann.pk}/").content.decode()

    question = boss.post(url(ann)).content.decode()
    assert "TOTP Authenticator" in question and "Recovery codes" in question
    assert not gets_in("ann"), "asking alone does nothing"

    answer = boss.post(url(ann), {"confirmed": "1", "_why": "phone at the bottom of a lake"}, follow=True)
    page = answer.content.decode()
    assert "ann logs in with the password alone now" in page
    assert "phone at the bottom of a lake" in page and "Second factor removed at" in page
    assert 'remove-second-factor/"' not in page, "there is nothing to remove any more"
    assert hers.get("/account/profile/").status_code == 302, "her sessions end"
    assert gets_in("ann")
    change = history.changes(ann)[0]
    assert (change.who, change.why) == ("boss", "phone at the bottom of a lake")
    assert boss.get("/").status_code == 200, "the session of who did it goes on"


def test_sessions_begun_afterwards_go_on(ann, person):
    actions.remove_second_factor(person("boss", "administrator"), ann)
    client = logged_in(User.objects.get(pk=ann.pk))
    assert client.get("/account/profile/").status_code == 200
    assert client.get("/account/profile/").status_code == 200


def test_only_who_may_do_no_less_than_she_may(ann, person, allow, as_person):
    clerk = person("clerk")
    allow(clerk, "core.user", ["view", "change"])
    boss = person("boss", "administrator")
    TOTP.activate(boss, generate_totp_secret())
    for act in (actions.remove_second_factor, actions.second_factors):
        with pytest.raises(PermissionDenied, match="boss"):
            act(clerk, boss)
    assert logged_in(clerk).post(url(boss)).status_code == 403
    stranger = as_person("stranger", "operator")
    assert stranger.post(url(ann), {"confirmed": "1"}).status_code == 404
    assert Client().post(url(ann), {"confirmed": "1"}).status_code == 302
    assert stranger.get(url(ann)).status_code == 405
    assert boss.authenticator_set.count() == 1 and ann.authenticator_set.count() == 2
    actions.remove_second_factor(clerk, ann)
    assert not ann.authenticator_set.exists()


def test_nobody_removes_their_own_here_or_what_is_not_there(ann, person):
    """A session that somebody else sits at must not be enough: the account asks for the password."""
    boss = person("boss", "administrator")
    TOTP.activate(boss, generate_totp_secret())
    with pytest.raises(ValidationError, match="under Account"):
        actions.remove_second_factor(boss, boss)
    with pytest.raises(ValidationError, match="ben has no second factor"):
        actions.remove_second_factor(boss, person("ben"))
    assert boss.authenticator_set.exists()


def test_the_command_lets_the_only_administrator_in(person, capsys):
    boss = person("boss", "administrator")
    TOTP.activate(boss, generate_totp_secret())
    assert not gets_in("boss")
    call_command("remove_second_factor", "boss", "--why", "new phone")
    assert "boss logs in with the password alone now" in capsys.readouterr().out
    assert gets_in("boss")
    change = history.changes(boss)[0]
    assert (change.source, change.why) == ("command", "new phone")
    for name, said in (("boss", "boss has no second factor"), ("nobody", "There is no user named 'nobody'")):
        with pytest.raises(CommandError, match=said):
            call_command("remove_second_factor", name)


def test_a_button_stands_only_where_it_does_something(person, as_person):
    boss, ann = as_person("boss", "administrator"), person("ann")

    def buttons() -> set[str]:
        page = boss.get(f"/core/users/{ann.pk}/")
        return {one["label"] for one in page.context["actions"]}

    assert buttons() == {"Reset password", "Unlock", "Deactivate"}
    boss.post(f"/core/users/{ann.pk}/deactivate/")
    assert buttons() == {"Reset password", "Unlock", "Activate"}
