"""The agent's installer and wheel, for anyone who can reach the server: they hold no secret."""

import hashlib
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import etag, require_safe

from agent import wheel
from agent.install import install_script


@cache
def script_bytes(server: str) -> bytes:
    """install.sh for the server at this address."""
    return install_script(server).encode()


def quoted(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def script_etag(request: HttpRequest) -> str:
    return quoted(script_bytes(settings.BASE_URL))


def wheel_etag(request: HttpRequest) -> str:
    return quoted(wheel.build())


@login_not_required
@require_safe
@cache_control(no_cache=True)
@etag(script_etag)
def install(request: HttpRequest) -> HttpResponse:
    """`curl …/agent/install.sh | sudo sh -s -- --token TOKEN`. The address in it is ITIM_BASE_URL: what a
    client sends as Host has no business in a script that root runs."""
    return HttpResponse(script_bytes(settings.BASE_URL), content_type="text/x-shellscript; charset=utf-8")


@login_not_required
@require_safe
@cache_control(no_cache=True)
@etag(wheel_etag)
def wheel_file(request: HttpRequest) -> HttpResponse:
    """The wheel, under the name that pip wants."""
    response = HttpResponse(wheel.build(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{wheel.name()}"'
    return response
