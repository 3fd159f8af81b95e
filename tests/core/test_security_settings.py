"""What production runs with: Django's own deployment checks, cookies, redirects, refusals."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from core.redaction import ReporterFilter

PRODUCTION = {
    "ITIM_BASE_URL": "https://itim.example.com",
    "ITIM_ALLOWED_HOSTS": "itim.example.com",
    "SECRET_KEY": "not-a-real-key-but-long-enough-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ITIM_ENCRYPTION_KEY": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def run(tmp_path, *arguments, **more):
    environment = {**os.environ, **PRODUCTION, "ITIM_HOME": str(tmp_path), **more}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_checks_find_nothing(tmp_path):
    done = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_https_makes_cookies_secure_and_redirects(tmp_path):
    code = (
        "from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, "
        "s.SECURE_HSTS_SECONDS > 0, s.SESSION_COOKIE_HTTPONLY, s.DEBUG)"
    )
    done = run(tmp_path, "shell", "-v0", "-c", code)
    assert done.stdout.split() == ["True"] * 5 + ["False"], done.stderr
    plain = run(tmp_path, "shell", "-v0", "-c", code, ITIM_BASE_URL="http://10.0.0.1:8000")
    assert plain.stdout.split()[:4] == ["False"] * 4, plain.stderr


@pytest.mark.parametrize("value", ["-1", "two", "1.5"])
def test_a_number_of_proxies_that_is_none_is_refused(tmp_path, value):
    done = run(tmp_path, "check", ITIM_PROXIES=value)
    assert done.returncode != 0
    assert f"ITIM_PROXIES={value} is not a whole number" in done.stderr


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ENCRYPTION_KEYS", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_HOST_PASSWORD"]
)
def test_secret_settings_are_blanked(name):
    assert ReporterFilter().cleanse_setting(name, "value") != "value"


@pytest.mark.parametrize("url", ["/history/", "/account/profile/", "/api/v1/tags/"])
@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused(person, url):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        person("ann", "administrator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.post(url, {"name": "x"}).status_code in (403, 405)
