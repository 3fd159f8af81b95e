"""Speaking to the server: POST of JSON over HTTP, standard library alone."""

import gzip
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from agent import VERSION
from agent.problem import Problem

TIMEOUT = 20.0
DEADLINE = 60.0
LARGEST_ANSWER = 256 * 1024
CONTENT_AT_FAULT = frozenset({400, 413, 415, 422})


class Unavailable(Exception):
    """The server cannot be spoken to now: try again later. Its text says why."""


class Refused(Exception):
    """The server will never take this content."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status} {detail}".strip())
        self.status = status


class Unwelcome(Exception):
    """The server does not know us: the key was revoked, or the token is bad."""


class Enrolled(NamedTuple):
    agent_id: str
    key: str
    interval: int


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A POST that is sent elsewhere would turn into a GET there, and take the key along."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> None:
        return None


def checked_address(server: str) -> str:
    """The server's address without a slash at its end. Raises Problem."""
    try:
        parts = urlsplit(server.strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username:
        raise Problem(f"the server's address must look like https://itim.example.org, not {server!r}")
    return server.strip().rstrip("/")


class Client:
    """One server. TLS certificates are verified, against `ca` (a PEM file) where given. Raises Problem."""

    def __init__(self, server: str, ca: str = "", timeout: float = TIMEOUT) -> None:
        self.server = checked_address(server)
        self._timeout = timeout
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if self.server.startswith("https:"):
            try:
                context = ssl.create_default_context(cafile=ca or None)
            except OSError as error:  # ssl.SSLError is one
                raise Problem(f"the CA file {ca} cannot be used: {error.strerror or error}") from error
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def enroll(self, token: str, facts: dict[str, str]) -> Enrolled:
        """A key for this machine. Raises Unavailable, Refused, Unwelcome (bad or used token)."""
        answer = self._post("enroll", json.dumps({"token": token, **facts}).encode(), {})
        agent_id, key, interval = answer.get("agent_id"), answer.get("key"), answer.get("interval", 60)
        if not agent_id or not isinstance(key, str) or not key or not key.isascii():
            raise Unavailable("the server's answer to the enrollment holds no key")
        return Enrolled(str(agent_id), key, interval if isinstance(interval, int) else 60)

    def report(self, key: str, body: bytes) -> dict[str, Any]:
        """The server's answer to a report. Raises Unavailable, Refused, Unwelcome (key revoked)."""
        packed = gzip.compress(body, 6, mtime=0)
        headers = {"Authorization": f"Bearer {key}", "Content-Encoding": "gzip"}
        answer = self._post("report", packed, headers)
        if not isinstance(answer.get("accepted"), int):
            raise Unavailable("the server's answer to a report does not say what it took")
        return answer

    def _post(self, what: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - checked_address lets http and https through alone
            f"{self.server}/api/v1/agent/{what}/",
            data=body,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": f"itim-agent/{VERSION}",
                **headers,
            },
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return parsed(bounded(response))
        except urllib.error.HTTPError as error:
            with error:
                raise meaning(error, what) from None
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            raise Unavailable(f"{self.server} cannot be reached: {reason(error)}") from None


def reason(error: Exception) -> str:
    """What happened, without Python's wrapping."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message})"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__


def bounded(response: Any, largest: int = LARGEST_ANSWER, seconds: float = DEADLINE) -> bytes:
    """The body of an answer. Raises Unavailable for one that is too long, or that trickles."""
    end = time.monotonic() + seconds
    content = b""
    while chunk := response.read1(65536):
        content += chunk
        if len(content) > largest:
            raise Unavailable("the server's answer is too long")
        if time.monotonic() > end:
            raise Unavailable("the server's answer takes too long")
    return content


def parsed(content: bytes) -> dict[str, Any]:
    """A JSON object. Raises Unavailable: something that is no ITIM server answered, a portal for instance."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise Unavailable("the answer is not one of an ITIM server")
    return answer


def meaning(error: urllib.error.HTTPError, what: str) -> Exception:
    """What an answer with an error status says about the next step.

    401 to a report: the key was revoked. 401 or 403 with a detail to an enrollment: a bad token. A status
    that blames the content ends that content; any other (a proxy's, a server in the middle of an update)
    may pass, so the readings are kept.
    """
    detail = detail_of(error)
    if what == "report" and error.code == 401:
        return Unwelcome(detail or "the key is not valid")
    if what == "enroll" and error.code in {401, 403} and detail:
        return Unwelcome(detail)
    if error.code in CONTENT_AT_FAULT:
        return Refused(error.code, detail)
    if 300 <= error.code < 400:
        return Unavailable(f"the server sends us to {error.headers.get('Location')}: use that address")
    return Unavailable(f"the server answers {error.code} {detail or error.reason or ''}".rstrip())


def detail_of(error: urllib.error.HTTPError) -> str:
    """The "detail" of an error's body, "" where there is none."""
    try:
        detail = parsed(bounded(error)).get("detail", "")
    except (Unavailable, OSError, http.client.HTTPException, AttributeError):
        return ""
    return detail if isinstance(detail, str) else json.dumps(detail)
