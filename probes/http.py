"""Kind `http`: one request, its status, content and time by phase."""

import asyncio
import base64
import json
import re
import time
from dataclasses import dataclass
from typing import Any, Final

import httpcore
import httpx

from probes.credentials import Credential, HttpBearer, HttpLogin
from probes.http_transport import Content, Phases, TooManyRedirects, check_port, fetch
from probes.kind import Kind
from probes.network import NetworkError, reason
from probes.options import OptionError, Options, option
from probes.readings import SCALAR, Column, Readings
from probes.target import Target

_STATUSES: Final = re.compile(r"[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*")
_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,9})\]")
_METHODS: Final = ("GET", "HEAD", "POST")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _parse_headers(data: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(data, dict):
        raise ValueError("must be an object of names and values")
    for name, value in data.items():
        if not _NAME.fullmatch(name) or not isinstance(value, str) or not value.isascii():
            raise ValueError(f"{name!r} is not a valid header")
        if not value.isprintable():
            raise ValueError(f"the value of {name} must not hold control characters")
    return tuple(data.items())


@dataclass(frozen=True, slots=True)
class HttpOptions(Options):
    """What to request and what to expect of the answer."""

    url: str = option("", "address, or path on the target; without it https://target/", maximum=2000)
    method: str = option("GET", "request method", choices=_METHODS)
    headers: tuple[tuple[str, str], ...] = option(
        (), "further headers, as an object", maximum=50, parse=_parse_headers, dump=dict
    )
    body: str = option("", "content to send with POST", maximum=65_536)
    status: str = option("200-299", "statuses that are well, such as 200,301-308", maximum=200)
    keyword: str = option("", "text that the content must contain", maximum=1000)
    absent: str = option("", "text that the content must not contain", maximum=1000)
    json_path: str = option("", "where in JSON content the value is, such as data.items[0].load", maximum=500)
    json_expect: str = option("", "what the value must be", maximum=1000)
    redirects: int = option(5, "redirects to follow", minimum=0, maximum=20)
    verify: bool = option(True, "the certificate must be trusted")
    limit: int = option(1_048_576, "bytes of content to read", minimum=1024, maximum=16_777_216)
    timeout: float = option(10.0, "seconds for the whole check", minimum=0.05, maximum=120)

    def check(self) -> None:
        """The address must be one; statuses and path must be readable."""
        if not _STATUSES.fullmatch(self.status.replace(" ", "")):
            raise OptionError("status", "must be numbers and ranges, such as 200,301-308")
        if self.json_path and "".join(m[0] for m in _STEP.finditer(self.json_path)) != self.json_path:
            raise OptionError("json_path", "must be names and [numbers], such as data.items[0].load")
        if self.json_expect and not self.json_path:
            raise OptionError("json_path", "is needed where a value is expected")
        _check_url(self.url)

    def accepts(self, status: int) -> bool:
        """Whether a status is one of those that are well."""
        ranges = (part.strip().partition("-") for part in self.status.split(","))
        return any(int(low) <= status <= int(high or low) for low, _, high in ranges)


def _check_url(text: str) -> None:
    try:
        url = httpx.URL(text)
        check_port(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise OptionError("url", f"is not valid: {error}") from None
    if url.scheme not in ("", "http", "https") or (url.scheme and not url.host):
        raise OptionError("url", "must start with http:// or https://")
    if not url.scheme and text and not text.startswith("/"):
        raise OptionError("url", "must start with http://, https:// or /")
    if url.userinfo:
        raise OptionError("url", "must not hold a user or password: use a credential")


async def collect(target: Target, options: HttpOptions, credential: Credential | None) -> Readings:
    """Request once; `error` is the first thing that is not as expected."""
    begun = time.perf_counter()
    phases = Phases()
    columns: list[Column] = []
    notes: dict[str, str] = {}
    try:
        async with asyncio.timeout(options.timeout):
            content = await fetch(_url(target, options), options, _headers(options, credential), phases)
        error = _judge(content, options, columns, notes)
    except TimeoutError:
        error = f"no answer within {options.timeout:g} s: stopped at {phases.label}"
    except NetworkError as failure:
        error = str(failure)
    except TooManyRedirects as failure:
        error = str(failure)
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as failure:
        error = _why(failure, phases)
    spent = time.perf_counter() - begun
    columns += (Column(f"http.{name}", SCALAR, (seconds,)) for name, seconds in phases.seconds.items())
    return Readings([*columns, Column("http.total", SCALAR, (spent,))], error, spent, notes)


def _url(target: Target, options: HttpOptions) -> httpx.URL:
    if options.url.startswith(("http://", "https://")):
        return httpx.URL(options.url)
    host = f"[{target.address}]" if ":" in target.address else target.address
    return httpx.URL(f"https://{host}{options.url or '/'}")


def _headers(options: HttpOptions, credential: Credential | None) -> dict[str, str]:
    """Headers as asked, with a login; whose it is the transport knows, and sends it nowhere else."""
    headers = {"User-Agent": "ITIM", "Accept": "*/*", **dict(options.headers)}
    if isinstance(credential, HttpBearer):
        headers["Authorization"] = f"Bearer {credential.token}"
    elif isinstance(credential, HttpLogin):
        login = base64.b64encode(f"{credential.user}:{credential.password}".encode()).decode()
        headers["Authorization"] = f"Basic {login}"
    return headers


def _why(failure: Exception, phases: Phases) -> str:
    """The deepest error of the system is the one that tells: libraries wrap it in words of their own."""
    told: OSError | None = None
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, OSError):
            told = cause
        cause = cause.__cause__ or cause.__context__
    text = reason(told) if told else str(failure) or type(failure).__name__
    return f"{phases.label}: {text}"


def _judge(content: Content, options: HttpOptions, columns: list[Column], notes: dict[str, str]) -> str:
    columns.append(Column("http.status", SCALAR, (content.status,)))
    columns.append(Column("http.size", SCALAR, (float(len(content.body)),)))
    notes.update(status=str(content.status), url=content.url[:500], protocol=content.protocol)
    if content.cut:
        notes["cut"] = f"only the first {options.limit} bytes were read"
    error = _mismatch(content, options, columns)
    columns.append(Column("http.match", SCALAR, (int(not error),)))
    return error


def _mismatch(content: Content, options: HttpOptions, columns: list[Column]) -> str:
    if not options.accepts(content.status):
        return f"status {content.status}, expected {options.status}"
    text = content.body.decode("utf-8", "replace")
    if options.keyword and options.keyword not in text:
        return f"the content does not contain {options.keyword!r}"
    if options.absent and options.absent in text:
        return f"the content contains {options.absent!r}"
    return _json_mismatch(content, text, options, columns) if options.json_path else ""


def _json_mismatch(content: Content, text: str, options: HttpOptions, columns: list[Column]) -> str:
    if content.cut:
        return f"the content is larger than {options.limit} bytes, too large to be read as JSON"
    try:
        value = pick(json.loads(text), options.json_path)
    except LookupError:
        return f"the content has no {options.json_path}"
    except (ValueError, RecursionError):
        return "the content is not JSON"
    number = _number(value)
    if number is not None:
        columns.append(Column("http.value", SCALAR, (number,)))
    shown = value if isinstance(value, str) else json.dumps(value)
    if options.json_expect and shown != options.json_expect:
        return f"{options.json_path} is {shown[:200]}, expected {options.json_expect}"
    return ""


def pick(data: Any, path: str) -> Any:
    """The value at a path such as "a.b[0]"; LookupError where there is none."""
    for name, number in _STEP.findall(path):
        wanted = list if number else dict
        if not isinstance(data, wanted):
            raise LookupError(path)
        data = data[int(number) if number else name]
    return data


def _number(value: Any) -> float | None:
    """Numbers and text that is one; true is 1. None for what no float can hold."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


KIND: Final = Kind("http", "HTTP", HttpOptions, collect, takes_credential=("HttpLogin", "HttpBearer"))
