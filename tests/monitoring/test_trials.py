"""Buttons that try something at once, messages that are sent again, agents that are added and revoked."""

import http.server
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from core.models import User
from monitoring import tasks, trials
from monitoring.agents.enrollment import hash_of
from monitoring.models import Agent, Check, EnrollToken, Notification, Series
from probes.readings import Column, Readings
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = User.objects.create_superuser("ada", "ada@example.com", "secret")
    client.force_login(user)
    return user


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """A real HTTP server on loopback that keeps what is posted to it."""
    got: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}", got
    made.shutdown()
    made.server_close()


def key_of(answer: Any) -> str:
    assert answer.status_code == 302, answer.content
    return str(re.fullmatch(r"/monitoring/trials/([\w-]+)/", answer.url)[1])  # type: ignore[index]


def test_run_a_check_now(client: Client, ada: User, server: tuple[str, list[bytes]]) -> None:
    check = Check.objects.create(
        device=make.device(address="127.0.0.1"), kind="http", options={"url": server[0]}
    )
    key = key_of(client.post(f"/monitoring/checks/{check.pk}/run/"))
    assert "Waiting for the answer" in client.get(f"/monitoring/trials/{key}/").content.decode()
    tasks.run_check(check.pk, key)
    text = client.get(f"/monitoring/trials/{key}/").content.decode()
    assert "It answers." in text and "HTTP status" in text
    check.refresh_from_db()
    assert check.status == "ok" and check.last_run is not None
    assert Series.objects.filter(source=check, metric="http.status").exists()


def test_a_check_that_fails_says_why(client: Client, ada: User) -> None:
    check = Check.objects.create(device=make.device(), kind="tcp", options={"port": 1})
    key = key_of(client.post(f"/monitoring/checks/{check.pk}/run/"))
    tasks.run_check(check.pk, key)
    text = client.get(f"/monitoring/trials/{key}/").content.decode()
    assert "It did not work:" in text and "the device has no address" in text


def test_a_channel_is_tried_for_real(client: Client, ada: User, server: tuple[str, list[bytes]]) -> None:
    for path, words in (("", "The message was taken."), ("/broken", "Server answered 500")):
        channel = make.channel("webhook", url=server[0] + path)
        key = key_of(client.post(f"/monitoring/channels/{channel.pk}/test/"))
        tasks.test_channel(channel.pk, key)
        assert words in client.get(f"/monitoring/trials/{key}/").content.decode()
    assert len(server[1]) == 2 and b'"event": "test"' in server[1][0]


def test_an_outcome_is_shown_to_nobody_else(client: Client, ada: User) -> None:
    channel = make.channel("webhook", url="http://127.0.0.1:1/")
    key = key_of(client.post(f"/monitoring/channels/{channel.pk}/test/"))
    client.force_login(User.objects.create_superuser("eve", "eve@example.com", "secret"))
    assert client.get(f"/monitoring/trials/{key}/").status_code == 404
    assert client.get("/monitoring/trials/unknown/").status_code == 404


def test_buttons_need_permission_and_post(client: Client) -> None:
    check = Check.objects.create(device=make.device(), kind="ping")
    channel = make.channel("webhook", url="http://127.0.0.1:1/")
    client.force_login(User.objects.create_user("bob", "bob@example.com", "secret"))
    for path in (f"checks/{check.pk}/run", f"channels/{channel.pk}/test", "agents/new"):
        assert client.post(f"/monitoring/{path}/").status_code in (403, 404)
    assert client.get(f"/monitoring/checks/{check.pk}/run/").status_code == 405


def test_readings_as_people_read_them() -> None:
    readings = Readings(
        [Column("cpu.usage", ("",), (12.5,)), Column("if.in.octets", ("ge1", "ge2"), (1234567, None))]
    )
    assert trials.told(readings) == [
        ("CPU usage", "", "12.5%"),
        ("Received", "ge1", "1,234,567 so far"),
        ("Received", "ge2", "–"),
    ]


@pytest.mark.parametrize(
    ("status", "after"),
    [("failed", "waiting"), ("dropped", "waiting"), ("sent", "sent"), ("waiting", "waiting")],
)
def test_a_message_is_sent_again(client: Client, ada: User, status: str, after: str) -> None:
    alert = make.fire(make.device())
    row = Notification.objects.create(
        event=alert.events.get(),
        alert=alert,
        channel=make.channel("webhook", url="http://127.0.0.1:1/"),
        status=status,
        message_id="m",
        error="old",
    )
    assert client.post(f"/monitoring/notifications/{row.pk}/retry/").status_code == 302
    row.refresh_from_db()
    assert row.status == after and row.message_id == "m"
    assert (row.next_try is not None) == (status in ("failed", "dropped"))


def test_add_an_agent(client: Client, ada: User) -> None:
    answer = client.post("/monitoring/agents/new/", {"description": "web-1", "hours": "1"})
    text = answer.content.decode()
    token = re.search(r"--token (itim-enroll-[\w-]+)", text)
    assert token and "/agent/install.sh" in text and "no-store" in answer["Cache-Control"]
    row = EnrollToken.objects.get()
    assert row.token_hash == hash_of(token[1]) and row.created_by == ada and row.description == "web-1"
    assert token[1] not in client.get("/monitoring/agents/new/").content.decode()


def test_revoke_an_agent(client: Client, ada: User) -> None:
    agent = Agent.objects.create(device=make.device(), name="web-1", machine_id="m", key_hash=hash_of("key"))
    assert "Silent" in client.get("/monitoring/agents/").content.decode()
    assert client.post(f"/monitoring/agents/{agent.pk}/revoke/").status_code == 302
    agent.refresh_from_db()
    assert not agent.enabled
    refused = client.post(
        "/api/v1/agent/report/",
        b"{}",
        content_type="application/json",
        headers={"Authorization": "Bearer key"},
    )
    assert refused.status_code == 401
    assert "Revoked" in client.get("/monitoring/agents/").content.decode()
