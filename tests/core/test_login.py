"""Login, lockout, second factor: against the real pages, with the real backends."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from django.urls import reverse

from core import actions
from core.access import SYSTEM
from core.models import User
from core.secrets import decrypt

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 9"
LOGIN = "/account/login/"


def login(client, name, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": name, "password": password}, **extra)


def is_in(client):
    return "_auth_user_id" in client.session


def code_for(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize("name", ["ann", "ann@example.com", "ANN@example.com"])
def test_login_by_name_or_address(person, name):
    person("ann")
    client = Client()
    assert login(client, name).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong"), ("nobody", PASSWORD), ("", ""), ("a\x00nn", PASSWORD), ("x" * 999, "y")],
)
def test_a_wrong_login_is_refused_with_the_same_words(person, name, password):
    person("ann")
    client = Client()
    response = login(client, name, password)
    assert response.status_code == 200
    assert not is_in(client)
    if name in ("ann", "nobody"):
        assert "are not correct" in response.content.decode()


def test_a_deactivated_person_cannot_log_in_and_is_thrown_out(person):
    ann, boss = person("ann"), person("boss", "administrator")
    client = Client()
    login(client, "ann")
    assert client.get("/account/profile/").status_code == 200
    actions.set_active(boss, ann, False)
    assert client.get("/account/profile/").status_code == 302
    other = Client()
    login(other, "ann")
    assert not is_in(other)


def test_five_wrong_passwords_lock_the_name_from_that_address_only(person):
    person("ann")
    person("bob")
    client = Client()
    answers = [login(client, "ann", "wrong").status_code for _ in range(5)]
    assert answers[:4] == [200] * 4
    assert answers[4] == 429
    locked = login(client, "ANN ")
    assert locked.status_code == 429
    assert "locked" in locked.content.decode().lower()
    assert not is_in(client)
    assert login(Client(), "ann", REMOTE_ADDR="192.0.2.99").status_code == 302
    assert login(Client(), "bob").status_code == 302


def test_an_administrator_unlocks(person):
    ann, boss = person("ann"), person("boss", "administrator")
    client = Client()
    for _ in range(6):
        login(client, "ann", "wrong")
    assert login(client, "ann").status_code == 429
    actions.unlock(boss, ann)
    assert login(client, "ann").status_code == 302


def test_a_session_gets_a_new_key_at_login_and_ends_elsewhere_when_the_password_changes(person):
    person("ann")
    client, elsewhere = Client(), Client()
    client.get(LOGIN)
    client.session["x"] = 1
    before = client.session.session_key
    login(client, "ann")
    login(elsewhere, "ann")
    assert client.session.session_key != before
    answer = client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "another horse 10", "password2": "another horse 10"},
    )
    assert answer.status_code == 302
    assert client.get("/account/profile/").status_code == 200
    assert elsewhere.get("/account/profile/").status_code == 302
    assert User.objects.get(username="ann").password_changed_at is not None


def test_nobody_signs_up():
    client = Client()
    client.post(
        "/account/signup/",
        {"username": "eve", "email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.filter(username="eve").exists()


def test_password_reset_tells_nothing_and_links_to_our_own_address(person, settings):
    settings.BASE_URL = "https://itim.example.com"
    person("ann")
    answers = [
        Client().post("/account/password/reset/", {"email": address}, headers={"host": "evil.example.net"})
        for address in ("ann@example.com", "nobody@example.com")
    ]
    assert [(one.status_code, one.headers["Location"]) for one in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2
    assert [message.to for message in mail.outbox] == [["ann@example.com"]]
    link = re.search(r"https?://\S+", mail.outbox[0].body)
    assert link[0].startswith("https://itim.example.com/account/password/reset/key/")
    assert "evil" not in mail.outbox[0].body
    page = Client().get(link[0].removeprefix("https://itim.example.com"), follow=True)
    assert page.status_code == 200
    assert "password1" in page.content.decode()


def test_no_mail_leads_to_the_host_that_a_request_names(person, settings):
    """Whoever is in may have mails sent to others; their links must not be theirs to choose."""
    settings.BASE_URL = "https://itim.example.com"
    person("ann"), person("ben")
    client = Client(headers={"host": "evil.example.net"})
    login(client, "ann")
    confirm(client)
    for address in ("new@example.com", "ben@example.com"):
        client.post("/account/email/", {"email": address, "action_add": ""})
    assert {message.to[0] for message in mail.outbox} >= {"new@example.com"}
    for message in mail.outbox:
        assert "evil" not in message.body, message.body
        assert "https://itim.example.com/account/" in message.body


def confirm(client):
    """Say the password again: what guards the account asks for it."""
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302


@pytest.fixture
def second_factor(person):
    """Ann with TOTP set up through the pages; (her TOTP secret, her recovery codes)."""
    person("ann")
    client = Client()
    login(client, "ann")
    confirm(client)
    page = client.get("/account/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert client.post("/account/2fa/totp/activate/", {"code": code_for(secret)}).status_code == 302
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    return secret, codes


def test_second_factor_is_asked_for(second_factor):
    _, codes = second_factor
    assert len(codes) == 10
    client = Client()
    assert login(client, "ann").headers["Location"].startswith("/account/2fa/authenticate/")
    assert not is_in(client)
    assert client.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    client.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert is_in(client)
    again = Client()
    login(again, "ann")
    again.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert not is_in(again), "a recovery code works once"


def test_second_factors_are_encrypted_in_the_database(second_factor):
    secret, codes = second_factor
    stored = {row.type: row.data for row in Authenticator.objects.all()}
    assert secret not in str(stored)
    assert decrypt(stored["totp"]["secret"]) == secret
    assert not any(code in str(stored) for code in codes)


def test_guessing_the_second_factor_is_stopped(second_factor):
    client = Client()
    login(client, "ann")
    for number in range(40):
        client.post("/account/2fa/authenticate/", {"code": f"{number:06}"})
    answer = client.post("/account/2fa/authenticate/", {"code": second_factor[1][1]})
    assert not is_in(client), answer.status_code


def test_first_password_is_made_and_works():
    user, password = actions.create_user(SYSTEM, "new", "new@example.com")
    client = Client()
    assert login(client, "new", password).status_code == 302
    assert is_in(client)
    assert user.password != password


@pytest.mark.parametrize("url", ["/account/login/", "/account/password/reset/", "/account/signup/"])
def test_entrance_pages_carry_the_headers_and_nothing_inline(url):
    response = Client().get(url)
    assert response.status_code == 200
    check_page(response)


@pytest.mark.parametrize(
    "url",
    [
        "/account/profile/",
        "/account/tokens/",
        "/account/password/change/",
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/logout/",
        "/account/email/",
        "/history/",
    ],
)
def test_account_pages_carry_the_headers_and_nothing_inline(person, url):
    person("ann", "administrator")
    client = Client()
    login(client, "ann")
    confirm(client)
    response = client.get(url)
    assert response.status_code == 200
    check_page(response)


def check_page(response):
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy and "style-src 'self'" in policy and "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response.headers["Permissions-Policy"]
    page = response.content.decode()
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", page)
    assert not inline
    assert not re.findall(r"<style[\s>]|\sstyle=|\son[a-z]+=\"", page)
