"""/healthz: this process is alive. /readyz: what it needs is there too, each part with a reason when not.

Anybody may ask: addresses and names that stand in an error go to the log alone.
"""

import logging
import time

import redis
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from itim.heartbeat import KEYS, LIMIT, client

log = logging.getLogger(__name__)

AWAY = "does not answer; the log of the web server says why"


def check_database() -> str:
    """Empty when the database answers, else why not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        log.warning("the database does not answer: %s", error)
        return AWAY
    return ""


def check_broker() -> dict[str, str]:
    """By part (broker, worker, beat): empty when well, else why not."""
    try:
        with client() as connected:
            values = connected.mget(list(KEYS.values()))
    except redis.RedisError as error:
        log.warning("the broker does not answer: %s", error)
        return {"broker": AWAY, **dict.fromkeys(KEYS, "unknown: the broker does not answer")}
    return {"broker": "", **{part: judge(seen) for part, seen in zip(KEYS, values, strict=True)}}


def judge(seen: bytes | None) -> str:
    """Empty when the sign of life is young enough, else how old it is."""
    if seen is None:
        return "no sign of life yet"
    age = time.time() - float(seen)
    return "" if age <= LIMIT else f"last sign of life {age:.0f} s ago"


def report() -> dict[str, dict[str, object]]:
    """Every part as {"ok": bool, "why": text}."""
    reasons = {"database": check_database(), **check_broker()}
    return {part: {"ok": not why, "why": why} for part, why in reasons.items()}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    parts = report()
    return JsonResponse(parts, status=200 if all(part["ok"] for part in parts.values()) else 503)
