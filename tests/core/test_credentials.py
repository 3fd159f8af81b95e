"""Credentials: checked, encrypted, opened by workers only; a secret never comes out by any other way."""

import logging
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.views.debug import ExceptionReporter

from core import actions, tokens
from core.access import SYSTEM
from core.forms import CredentialForm
from core.history import changes
from core.models import Credential
from core.redaction import MASK, redact, remember
from probes.credentials import HttpBearer, HttpLogin, SnmpCommunity, SnmpUser

pytestmark = pytest.mark.django_db
HIDDEN = "s3cr3t-Geheimnis"
V3 = {
    "user": "poller",
    "auth_protocol": "SHA256",
    "auth_password": HIDDEN,
    "priv_protocol": "AES",
    "priv_password": HIDDEN + "2",
}


def make(kind="snmp-community", secret=None, name="c", actor=SYSTEM):
    secret = {"community": HIDDEN} if secret is None else secret
    return actions.save_credential(actor, Credential(name=name, kind=kind), secret=secret)


@pytest.mark.parametrize(
    ("kind", "secret", "opened"),
    [
        ("snmp-community", {"community": HIDDEN}, SnmpCommunity(HIDDEN)),
        ("snmp-community", {"community": HIDDEN, "version": "1"}, SnmpCommunity(HIDDEN, "1")),
        ("snmp-user", V3, SnmpUser(**V3)),
        ("snmp-user", {"user": "open"}, SnmpUser("open")),
        ("http-login", {"user": "u", "password": HIDDEN}, HttpLogin("u", HIDDEN)),
        ("http-bearer", {"token": HIDDEN}, HttpBearer(HIDDEN)),
    ],
)
def test_a_worker_opens_what_was_saved(kind, secret, opened):
    made = make(kind, secret)
    assert Credential.objects.get(pk=made.pk).open() == opened
    assert HIDDEN not in repr(opened)


@pytest.mark.parametrize(
    ("kind", "secret", "says"),
    [
        ("snmp-community", {}, "community"),
        ("snmp-community", {"community": ""}, "community"),
        ("snmp-community", {"community": 5}, "community"),
        ("snmp-community", {"community": "x", "version": "3"}, "version"),
        ("snmp-community", {"community": "x", "password": "y"}, "password"),
        ("snmp-user", {**V3, "auth_protocol": "ROT13"}, "auth_protocol"),
        ("snmp-user", {**V3, "auth_password": "short"}, "at least 8"),
        ("snmp-user", {"user": "u", "priv_protocol": "AES", "priv_password": HIDDEN}, "auth_protocol"),
        ("snmp-user", {"user": "u", "auth_password": HIDDEN}, "auth_protocol"),
        ("http-login", {"user": "u", "password": "a\x00b"}, "password"),
        ("http-bearer", {"token": "x" * 5000}, "at most 4096"),
    ],
)
def test_a_secret_that_does_not_fit_is_refused_by_name_not_by_value(kind, secret, says):
    with pytest.raises(ValidationError) as caught:
        make(kind, secret)
    assert says in caught.value.message_dict["secret"][0]
    assert HIDDEN not in str(caught.value)
    assert not Credential.objects.exists()


def test_a_field_left_empty_keeps_its_secret_but_another_kind_starts_anew():
    made = make("snmp-user", V3)
    actions.save_credential(
        SYSTEM, made, secret={"user": "other", "auth_password": "", "auth_protocol": "SHA256"}
    )
    stored = Credential.objects.get(pk=made.pk)
    assert stored.secret["auth_password"] == HIDDEN and stored.secret["user"] == "other"
    stored.kind = "http-login"
    with pytest.raises(ValidationError, match="password"):
        actions.save_credential(SYSTEM, stored, secret={"user": "u", "password": ""})
    assert Credential.objects.get(pk=made.pk).kind == "snmp-user"


def test_who_may_not_change_cannot(person):
    viewer = person("eve", "viewer")
    with pytest.raises(PermissionDenied):
        make(actor=viewer)
    made = make()
    with pytest.raises(PermissionDenied):
        actions.save_credential(viewer, made, secret={"community": "mine"})
    assert Credential.objects.get().secret == {"community": HIDDEN}


def test_the_database_holds_it_encrypted_and_history_not_at_all():
    made = make("snmp-user", V3)
    actions.save_credential(SYSTEM, made, secret={**V3, "auth_password": HIDDEN + "3"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(c)::text FROM core_credential c "
            "UNION ALL SELECT to_jsonb(e)::text FROM core_credentialevent e"
            " UNION ALL SELECT to_jsonb(x)::text FROM pghistory_context x"
        )
        rows = " ".join(row[0] for row in cursor.fetchall())
    assert HIDDEN not in rows and "poller" not in rows
    steps = [step.label for change in changes(made) for step in change.differences]
    assert "Secret changed at" in steps
    assert HIDDEN not in str(changes(made))


def test_no_page_and_no_answer_shows_it(person):
    made = make("snmp-user", V3)
    boss = person("boss", "administrator", is_superuser=True)
    client = Client()
    client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
    _, token = tokens.create_token(boss, "t")
    api = {"headers": {"authorization": f"Bearer {token}"}, "content_type": "application/json"}
    answers = [
        Client().get("/api/v1/credentials/", **api),
        Client().get(f"/api/v1/credentials/{made.pk}/", **api),
        Client().patch(f"/api/v1/credentials/{made.pk}/", {"description": "x"}, **api),
        Client().patch(f"/api/v1/credentials/{made.pk}/", {"secret": {**V3, "user": "q"}}, **api),
        Client().patch(f"/api/v1/credentials/{made.pk}/", {"secret": {**V3, "auth_protocol": "no"}}, **api),
        Client().get("/api/v1/credentials/?secret=x", **api),
        Client().get("/api/v1/credentials/?ordering=secret", **api),
        client.get("/history/"),
        *(
            client.get(f"/core/credentials/{tail}")
            for tail in ("", f"{made.pk}/", f"{made.pk}/edit/", f"{made.pk}/delete/")
        ),
    ]
    assert [one.status_code for one in answers[:5]] == [200, 200, 200, 200, 400]
    for one in answers:
        assert one.status_code < 500
        assert HIDDEN not in one.content.decode(), one.request["PATH_INFO"]
    assert Credential.objects.get().secret["user"] == "q"


def test_form_never_shows_a_secret_and_keeps_it_when_left_empty():
    made = make("snmp-user", V3)
    page = CredentialForm(instance=made).as_p()
    assert HIDDEN not in page and "poller" in page
    data = {"name": "c", "kind": "snmp-user", "snmp_user__user": "new", "snmp_user__auth_protocol": "SHA256"}
    form = CredentialForm({**data, "snmp_user__priv_protocol": "AES"}, instance=made)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["secret"] == {**V3, "user": "new"}
    bad = CredentialForm(
        {**data, "name": "d", "kind": "http-login", "http_login__user": "u"}, instance=make(name="d")
    )
    assert not bad.is_valid()
    assert list(bad.errors) == ["http_login__password"]
    echoed = CredentialForm({**data, "snmp_user__auth_password": "typed-password"}, instance=made)
    assert "typed-password" not in echoed.as_p()


def test_logs_and_tracebacks_do_not_tell(caplog):
    make(name="logged").open()
    log = logging.getLogger("test.secrets")
    out = StringIO()
    handler = logging.StreamHandler(out)
    log.addHandler(handler)
    try:
        log.warning("community %s", HIDDEN)
        try:
            raise ValueError(f"cannot use {HIDDEN}")
        except ValueError:
            log.exception("failed with %r", HIDDEN)
    finally:
        log.removeHandler(handler)
    assert HIDDEN not in out.getvalue()
    assert MASK in out.getvalue() and "ValueError" in out.getvalue()
    assert HIDDEN not in caplog.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer"),
        ("token itim_abcdefghijklmnopqrstuvwxyz0123 used", "token"),
        ("redis://user:abcdefghijklmnop@host/0", "redis://user:"),
        ('{"password": "abcdefghijklmnop"}', '{"password": "'),
        ("community=abcdefghijklmnop, version=2c", "version=2c"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text, kept):
    shown = redact(text)
    assert "abcdefghijklmnop" not in shown
    assert kept in shown and MASK in shown


def test_ordinary_words_stay():
    remember("up")
    text = "sw1 is up; 3 tokens left, passwords were changed, basic settings"
    assert redact(text) == text


@pytest.mark.parametrize("debug", [True, False])
def test_error_pages_show_no_variables_forms_or_secret_settings(rf, settings, debug):
    settings.DEBUG = debug
    request = rf.post("/", {"community": HIDDEN, "name": "x"})
    try:
        local = HIDDEN
        raise ValueError(local[:0] + "broken")
    except ValueError as error:
        reporter = ExceptionReporter(request, type(error), error, error.__traceback__)
        pages = reporter.get_traceback_html() + reporter.get_traceback_text()
    assert "broken" in pages
    assert HIDDEN not in pages
    assert settings.SECRET_KEY not in pages
    assert settings.ENCRYPTION_KEYS[0] not in pages


def test_key_rotation_writes_every_secret_with_the_newest_key(settings):
    made = [make(name=f"c{number}") for number in range(3)]
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    events = made[0].events.count()
    out = StringIO()
    call_command("rotate_key", stdout=out)
    assert out.getvalue().startswith("3 secrets")
    settings.ENCRYPTION_KEYS = [new]
    for one in made:
        assert Credential.objects.get(pk=one.pk).open() == SnmpCommunity(HIDDEN)
    assert made[0].events.count() == events, "rotation is no change to tell of"


def test_key_rotation_without_the_old_key_changes_nothing(settings):
    made = make()
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_key", stdout=StringIO())
    settings.ENCRYPTION_KEYS = old
    assert Credential.objects.get(pk=made.pk).open() == SnmpCommunity(HIDDEN)
