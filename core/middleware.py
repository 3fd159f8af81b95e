"""What every request carries into the rest: who changes something, why, from where; the time zone."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core import history

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def client_ip(request: HttpRequest) -> str:
    """The address of who asks: behind settings.PROXIES reverse proxies, what the outermost of them saw."""
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXIES and len(seen) >= settings.PROXIES:
        return seen[-settings.PROXIES]
    return str(request.META.get("REMOTE_ADDR", ""))


def why(request: HttpRequest) -> str:
    """The reason that a person or program gives: form field _why, else the header X-Change-Reason.

    The header may be percent-encoded UTF-8, since headers are ASCII.
    """
    if given := request.headers.get("X-Change-Reason", ""):
        return unquote(given)
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return request.POST.get("_why", "")
    return ""


class HeadersMiddleware:
    """Headers that Django has no setting for: no page of ours needs a camera, and none is for other sites."""

    PERMISSIONS = ", ".join(
        f"{feature}=()"
        for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "serial", "usb")
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class HistoryMiddleware:
    """Opens core.history.context around each request that may change something."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE_METHODS:
            return self.get_response(request)
        source = "api" if request.path.startswith("/api/") else "page"
        with history.context(
            user=request.user, why=why(request), source=source, ip=client_ip(request), url=request.path
        ):
            return self.get_response(request)


class TimeZoneMiddleware:
    """Times on pages are in the person's time zone, else in the server's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = "" if request.path.startswith("/api/") else getattr(request.user, "time_zone", "")
        if not name:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
