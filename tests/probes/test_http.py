"""The kind `http`: expectations, redirects, logins, caps, and servers that misbehave."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from probes.credentials import Credential, HttpBearer, HttpLogin
from probes.http import pick
from probes.kinds import KINDS
from probes.readings import Readings
from probes.target import Target
from tests.probes.web_server import Server, Talk, answer, certificate, http, server_context

STATE = json.dumps({"pools": [{"free": 12.5, "state": "ONLINE"}], "well": True, "a": {"b": "7"}}).encode()


def fetch(
    talk: Talk,
    path: str = "/",
    credential: Credential | None = None,
    context: ssl.SSLContext | None = None,
    **options: Any,
) -> Readings:
    async def run() -> Readings:
        async with Server(talk, context) as server:
            url = f"{'https' if context else 'http'}://127.0.0.1:{server.port}{path}"
            made = KINDS["http"].Options.from_dict({"url": url, "timeout": 5, **options})
            return await KINDS["http"].collect(Target("127.0.0.1"), made, credential)

    return asyncio.run(run())


def get(body: bytes = b"all is well", **options: Any) -> Readings:
    return fetch(http({"/": answer(options.pop("answer_status", 200), body)}, []), **options)


def values(readings: Readings) -> dict[str, Any]:
    return {column.metric: column.values[0] for column in readings.columns}


def test_a_page_that_is_well() -> None:
    readings = get(keyword="well")
    found = values(readings)
    assert readings.error == ""
    assert (found["http.status"], found["http.match"], found["http.size"]) == (200, 1, 11.0)
    assert {"http.dns", "http.connect", "http.first_byte", "http.transfer", "http.total"} <= set(found)
    assert readings.notes["protocol"] == "HTTP/1.1"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"keyword": "bad"}, "the content does not contain 'bad'"),
        ({"absent": "well"}, "the content contains 'well'"),
        ({"answer_status": 500}, "status 500, expected 200-299"),
        ({"status": "301,404-410"}, "status 200, expected 301,404-410"),
        ({"json_path": "a"}, "the content is not JSON"),
        ({"body": STATE, "json_path": "pools[3].free"}, "the content has no pools[3].free"),
        ({"body": STATE, "json_path": "pools.free"}, "the content has no pools.free"),
        (
            {"body": STATE, "json_path": "pools[0].state", "json_expect": "UP"},
            "pools[0].state is ONLINE, expected UP",
        ),
        ({"body": b"[" * 100_000, "json_path": "a"}, "the content is not JSON"),
        ({"body": b"x" * 5000, "limit": 1024, "json_path": "a"}, "larger than 1024 bytes"),
    ],
)
def test_what_is_not_as_expected_is_said(options: dict[str, Any], error: str) -> None:
    options = {"answer_status": 200, **options}
    body = options.pop("body", b"all is well")
    readings = get(body, **options)
    assert error in readings.error
    assert values(readings)["http.match"] == 0


@pytest.mark.parametrize(
    ("path", "expect", "value"),
    [
        ("pools[0].free", "12.5", 12.5),
        ("well", "true", 1.0),
        ("a.b", "7", 7.0),
        ("pools[0].state", "ONLINE", None),
    ],
)
def test_a_json_value_is_compared_and_kept(path: str, expect: str, value: float | None) -> None:
    readings = get(STATE, json_path=path, json_expect=expect)
    assert readings.error == ""
    assert values(readings).get("http.value") == value


def test_a_path_into_json() -> None:
    assert pick({"a": [[1, 2], {"b c": 3}]}, "a[1].b c") == 3
    with pytest.raises(LookupError):
        pick({"a": {"0": 1}}, "a[0]")


def test_redirects_are_followed_and_counted() -> None:
    pages = {"/": answer(302, Location="/a"), "/a": answer(301, Location="b"), "/b": answer(200, b"here")}
    assert fetch(http(pages, []), keyword="here").error == ""
    assert fetch(http(pages, []), redirects=1).error.startswith("more than 1 redirects")
    assert fetch(http(pages, []), redirects=0, status="302").error == ""
    loop = {"/": answer(302, Location="/")}
    assert fetch(http(loop, [])).error.startswith("more than 5 redirects")


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://169.254.169.254/latest/meta-data", "not allowed"),
        ("http://[fe80::1]/", "not allowed"),
        ("http://[::ffff:169.254.169.254]/", "not allowed"),
        ("file:///etc/passwd", "not HTTP"),
        ("http://127.0.0.1:99999/", "no address"),
    ],
)
def test_redirects_do_not_lead_where_nobody_may_go(location: str, error: str) -> None:
    assert error in fetch(http({"/": answer(302, Location=location)}, [])).error


def test_a_login_is_sent_to_its_own_server_only() -> None:
    async def run() -> tuple[list[bytes], list[bytes]]:
        here: list[bytes] = []
        there: list[bytes] = []
        async with Server(http({"/": answer(200)}, there)) as other:
            onward = answer(302, Location=f"http://127.0.0.1:{other.port}/")
            async with Server(http({"/": onward}, here)) as server:
                options = KINDS["http"].Options.from_dict({"url": f"http://127.0.0.1:{server.port}/"})
                await KINDS["http"].collect(Target("127.0.0.1"), options, HttpBearer("hush"))
        return here, there

    here, there = asyncio.run(run())
    assert b"Authorization: Bearer hush" in here[0]
    assert len(there) == 1 and b"hush" not in there[0]


def test_a_login_by_name_and_password() -> None:
    heads: list[bytes] = []
    fetch(http({"/": answer(200)}, heads), credential=HttpLogin("me", "pässword"))
    assert b"Authorization: Basic bWU6cMOkc3N3b3Jk" in heads[0]


def test_post_sends_its_body_once() -> None:
    heads: list[bytes] = []
    pages = {"/": answer(303, Location="/done"), "/done": answer(200)}
    assert fetch(http(pages, heads), method="POST", body="a=1").error == ""
    assert [head.split()[0] for head in heads] == [b"POST", b"a=1GET"]


def test_content_is_read_up_to_the_limit() -> None:
    readings = get(b"a" * 2000 + b"end", limit=1024, keyword="a")
    assert values(readings)["http.size"] == 1024
    assert "1024" in readings.notes["cut"]
    assert "does not contain" in get(b"a" * 2000 + b"end", limit=1024, keyword="end").error


def says(*parts: bytes, wait: float = 0.0) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        await asyncio.sleep(wait)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        says(b"SSH-2.0-OpenSSH_9.2\r\n"),
        says(b"\xff" * 3000),
        says(b""),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        says(b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 300_000),
        says(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000),
    ],
    ids=["ssh", "bytes", "nothing", "short", "length", "chunks", "long header", "many headers"],
)
def test_a_server_that_does_not_speak_http(talk: Talk) -> None:
    readings = fetch(talk)
    assert readings.error and "\n" not in readings.error and len(readings.error) < 300


def test_a_server_that_never_answers_costs_the_timeout_only() -> None:
    readings = fetch(says(wait=3), timeout=0.2)
    assert readings.error == "no answer within 0.2 s: stopped at waiting for the answer"
    endless = says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", wait=3)
    assert "reading the content" in fetch(endless, timeout=0.2).error


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    context = server_context(certificate(tmp_path, 30))
    pages = http({"/": answer(200)}, [])
    assert "certificate not trusted" in fetch(pages, context=context).error
    readings = fetch(pages, context=context, verify=False)
    assert readings.error == ""
    assert values(readings)["http.tls"] > 0
