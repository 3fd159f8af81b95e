"""A POST of JSON to an address, signed where a key is set."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from monitoring.channels.base import ChannelKind, Message, SendError
from probes import network
from probes.options import Options, option

TRY_LATER = frozenset({408, 425, 429})
LONGEST = 60.0  # seconds for all: the library's time-outs begin anew with each byte that drips


def _url(value: Any) -> str:
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with https:// or http://")
    try:
        network.check_literal(parts.hostname)
    except network.NetworkError as error:
        raise ValueError(str(error)) from None
    return str(value)


@dataclass(frozen=True, slots=True)
class WebhookOptions(Options):
    url: str = option(help="Address that takes the POST", maximum=2000, parse=_url)
    verify: bool = option(True, "Check the server's certificate")


@dataclass(frozen=True, slots=True)
class WebhookSecret(Options):
    key: str = option("", "Signs the body: X-ITIM-Signature is HMAC-SHA256 of time.body", maximum=500)
    authorization: str = option("", "Sent as the Authorization header", maximum=2000)


def send(message: Message, options: WebhookOptions, secret: WebhookSecret) -> None:
    """2xx is a yes; 408, 425, 429, 5xx and network trouble may be tried again; anything else is a no."""
    body = json.dumps(message.data, ensure_ascii=False, sort_keys=True).encode()
    try:
        status = asyncio.run(_within_time(_post(options, body, _headers(message, secret, body))))
    except TimeoutError as error:
        raise SendError(f"No answer within {LONGEST:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, network.NetworkError) as error:
        raise SendError(f"{type(error).__name__}: {error}") from error
    if not 200 <= status < 300:
        raise SendError(f"Server answered {status}", retry=status >= 500 or status in TRY_LATER)


async def _within_time(work: Coroutine[None, None, int]) -> int:
    async with asyncio.timeout(LONGEST):
        return await work


def _headers(message: Message, secret: WebhookSecret, body: bytes) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ITIM",
        "Idempotency-Key": message.message_id,
    }
    if secret.authorization:
        headers["Authorization"] = secret.authorization
    if secret.key:
        at = str(int(time.time()))
        digest = hmac.new(secret.key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers |= {"X-ITIM-Time": at, "X-ITIM-Signature": f"sha256={digest}"}
    return headers


async def _post(options: WebhookOptions, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer. The address that was checked is the one that is spoken to."""
    url = httpx.URL(options.url)
    address = await network.resolve(url.host)
    async with httpx.AsyncClient(verify=options.verify, timeout=15, trust_env=False) as client:
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**headers, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.host},
        )
        response = await client.send(request, stream=True)
        await response.aclose()
        return response.status_code


KIND = ChannelKind("webhook", "Webhook", WebhookOptions, WebhookSecret, send)
