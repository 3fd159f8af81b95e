"""Login: what django-allauth and django-axes ask the product."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from core.middleware import client_ip
from core.secrets import decrypt, encrypt


class Site(NamedTuple):
    """What allauth's mails call the site."""

    name: str
    domain: str


class AccountAdapter(DefaultAccountAdapter):
    """Administrators make accounts; links in mails lead to settings.BASE_URL, whatever Host was sent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def format_email_subject(self, subject: str) -> str:
        return f"[ITIM] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The mail names our own host: the one in the request is whatever its sender wrote."""
        host = urlsplit(settings.BASE_URL).netloc
        links = {name: _ours(url) for name, url in context.items() if name.endswith("_url") and url}
        super().send_mail(template_prefix, email, {"current_site": Site(host, host), **context, **links})


def _ours(url: str) -> str:
    """The same address on our own host."""
    base = urlsplit(settings.BASE_URL)
    return urlsplit(str(url))._replace(scheme=base.scheme, netloc=base.netloc).geturl()


class MFAAdapter(DefaultMFAAdapter):
    """Second factors are encrypted in the database like every other secret."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """By what name someone tries to get in, for the lock: case and blanks do not make another name."""
    given = credentials or {}
    name = given.get("username") or given.get("email") or given.get("login")
    if not name and request is not None:
        name = request.POST.get("login", "")
    return str(name or "").replace("\x00", "").strip().casefold()[:150]
