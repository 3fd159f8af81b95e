"""API tokens: made, shown once, used, limited, expired, revoked; by page, API and command."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from core import actions, tokens
from core.history import changes
from core.models import ApiToken, Tag

pytestmark = pytest.mark.django_db
TAGS = "/api/v1/tags/"


def ask(token, method="get", scheme="Bearer", **kwargs):
    return getattr(Client(), method)(TAGS, headers={"authorization": f"{scheme} {token}"}, **kwargs)


def add_tag(token, name="new"):
    return ask(token, "post", data={"name": name, "color": "red"}, content_type="application/json")


@pytest.fixture
def operator(person):
    return person("op", "operator")


def test_a_token_opens_the_api_and_is_kept_as_a_hash(operator):
    token, text = tokens.create_token(operator, "script")
    assert ask(text).status_code == 200
    assert text not in str(ApiToken.objects.values().get())
    assert text.startswith(token.prefix)
    assert len(text) > 40


@pytest.mark.parametrize("text", ["", "nonsense", "itim_" + "x" * 43, "ü", "a b c"])
def test_a_bad_token_is_401_in_json_with_a_challenge(text):
    response = ask(text)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Content-Type"].startswith("application/json")
    assert "detail" in response.json()


def test_an_expired_or_revoked_token_or_one_of_a_deactivated_person_is_refused(operator, person):
    token, text = tokens.create_token(operator, "t", expires_at=timezone.now() + timedelta(days=1))
    assert ask(text).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert ask(text).status_code == 401
    token, text = tokens.create_token(operator, "t")
    actions.set_active(person("boss", "administrator"), operator, False)
    assert ask(text).status_code == 401
    operator.is_active = True
    operator.save()
    assert ask(text).status_code == 200
    actions.revoke_token(operator, token)
    assert ask(text).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (["read"], 200, 403),
        (["write"], 200, 201),
        (["core.tag:view"], 200, 403),
        (["core.tag:*"], 200, 201),
        (["core.*:add", "core.tag:view"], 200, 201),
    ],
)
def test_scopes_hold_in_the_api(operator, scopes, reads, writes):
    _, text = tokens.create_token(operator, "t", scopes)
    assert ask(text).status_code == reads
    assert add_tag(text).status_code == writes
    assert Tag.objects.exists() is (writes == 201)


def test_use_is_written_at_most_once_a_minute(operator):
    token, text = tokens.create_token(operator, "t")
    ask(text)
    first = ApiToken.objects.get(pk=token.pk).last_used
    ask(text)
    assert ApiToken.objects.get(pk=token.pk).last_used == first
    long_ago = timezone.now() - timedelta(minutes=2)
    ApiToken.objects.filter(pk=token.pk).update(last_used=long_ago)
    ask(text)
    assert ApiToken.objects.get(pk=token.pk).last_used > long_ago


def test_history_names_whose_token_it_was(operator, person):
    _, text = tokens.create_token(operator, "t")
    device = {"name": "sw1", "status": "active"}
    response = Client().post(
        "/api/v1/devices/",
        device,
        content_type="application/json",
        headers={"authorization": f"Bearer {text}", "x-change-reason": "new switch"},
    )
    if response.status_code == 404:
        pytest.fail("the devices resource is not registered")
    from inventory.models import Device

    change = changes(Device.objects.get(name="sw1"))[0]
    assert (change.who, change.source, change.why) == ("op", "api", "new switch")


@pytest.mark.parametrize(
    ("scopes", "says"),
    [
        (["reed"], "reed"),
        (["inventory.device"], "inventory.device"),
        (["inventory.nothing:view"], "nothing"),
        (["read", "nothing.*:view"], "nothing"),
        (["*:View"], "View"),
    ],
)
def test_a_scope_that_means_nothing_is_named(operator, scopes, says):
    with pytest.raises(ValidationError) as caught:
        tokens.create_token(operator, "t", scopes)
    assert says in caught.value.message_dict["scopes"][0]
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(("name", "field"), [("", "name"), ("x" * 101, "name")])
def test_a_bad_name_is_named(operator, name, field):
    with pytest.raises(ValidationError) as caught:
        tokens.create_token(operator, name)
    assert field in caught.value.message_dict


def test_nobody_makes_tokens_for_others_without_the_right(operator, person):
    other = person("other")
    with pytest.raises(PermissionDenied):
        actions.create_token(operator, other, "t", ["read"])
    assert not ApiToken.objects.exists()


def test_page_makes_shows_once_and_revokes(as_person):
    client = as_person("ann", "viewer")
    page = client.post("/account/tokens/", {"name": "script", "kind": "read"})
    text = page.context["text"]
    assert text in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert ask(text).status_code == 200
    again = client.get("/account/tokens/").content.decode()
    assert text not in again and "script" in again
    token = ApiToken.objects.get()
    others = as_person("bob", "administrator")
    assert others.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert client.get(f"/account/tokens/{token.pk}/revoke/").status_code == 405
    client.post(f"/account/tokens/{token.pk}/revoke/")
    assert ask(text).status_code == 401


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"name": "", "kind": "read"}, "required"),
        ({"name": "t", "kind": "custom"}, "at least one scope"),
        ({"name": "t", "kind": "custom", "scopes": "x:y"}, "is no scope"),
        ({"name": "t", "kind": "read", "expires_on": "2001-01-01"}, "expired already"),
        ({"name": "t", "kind": "read", "expires_on": "soon"}, "valid date"),
        ({"name": "t", "kind": "all"}, "valid choice"),
    ],
)
def test_page_says_what_is_wrong(as_person, data, says):
    page = as_person("ann").post("/account/tokens/", data)
    assert page.status_code == 200
    assert says in page.content.decode()
    assert not ApiToken.objects.exists()


def test_command_prints_the_token_alone(operator):
    out = StringIO()
    call_command("token", "create", "op", "--scope", "read", "--expires", "30", stdout=out)
    text = out.getvalue().strip()
    assert "\n" not in text and ask(text).status_code == 200
    assert add_tag(text).status_code == 403
    token = ApiToken.objects.get()
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    out = StringIO()
    call_command("token", "list", "op", stdout=out)
    assert text not in out.getvalue() and token.prefix in out.getvalue()
    call_command("token", "revoke", text, stdout=StringIO())
    assert ask(text).status_code == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "nobody"],
        ["create", "op", "--scope", "everything"],
        ["create", "op", "--expires", "soon"],
        ["create", "op", "--expires", "2001-01-01"],
        ["create", "op", "--expires", "9" * 30],
        ["list", "nobody"],
        ["revoke", "999999"],
    ],
)
def test_command_refuses_in_one_line(operator, arguments):
    with pytest.raises(CommandError) as caught:
        call_command("token", *arguments, stdout=StringIO())
    assert "\n" not in str(caught.value)
    assert not ApiToken.objects.exists()
