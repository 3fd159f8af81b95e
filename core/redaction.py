"""Secrets never reach a log or an error page: by pattern, and by value once a worker has opened them."""

import logging
import re
import traceback
from collections import OrderedDict
from threading import Lock
from types import TracebackType
from typing import Any, Final

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

MASK: Final = "••••••"
MOST_VALUES = 2000
SHORTEST_VALUE = 6
"""A shorter secret would blank out ordinary words."""
PATTERNS: Final = (
    re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*b?[\"']?[a-z]+\s+)[^\s\"',;]+"),
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)(?=[a-z._~+/=-]*[0-9])[a-z0-9._~+/=-]{12,}"),
    re.compile(r"()\bitim_[A-Za-z0-9_-]{20,}"),
    re.compile(r"([a-z][a-z0-9+.-]{0,30}://[^/\s:@]*:)[^/\s@]+(?=@)"),
    re.compile(
        r"(?i)((?:password|passwd|community|secret|token|api[_-]?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)}]+"
    ),
)

_values: OrderedDict[str, None] = OrderedDict()
_lock = Lock()


def remember(*secrets: str) -> None:
    """Mask these values in whatever this process logs from now on (the last MOST_VALUES of them)."""
    with _lock:
        for secret in secrets:
            if len(secret) >= SHORTEST_VALUE:
                _values[secret] = None
                _values.move_to_end(secret)
        while len(_values) > MOST_VALUES:
            _values.popitem(last=False)


def redact(text: str) -> str:
    """The text without secrets that are known or look like one."""
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    with _lock:
        known = [value for value in _values if value in text]
    for value in sorted(known, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


class RedactedRecord(logging.LogRecord):
    """A log record whose message and traceback are free of secrets, whatever handler takes it."""

    def getMessage(self) -> str:
        return redact(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        info: Any = self.exc_info
        if not info or info[0] is None:
            return None
        return redact(_trace(*info))

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        """Formatters keep their own text here; ours is the one that is read."""


def _trace(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> str:
    return "".join(traceback.format_exception(kind, error, where)).rstrip("\n")


class ReporterFilter(SafeExceptionReporterFilter):
    """Error pages and mails, in development too: no variable, no value of a form, no secret setting."""

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|CREDENTIAL|DATABASE|_URL|LOCATION",
        re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str]:
        return dict.fromkeys(request.POST, MASK) if request is not None else {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> list[Any]:
        return []
