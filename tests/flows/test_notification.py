"""From a device that falls silent to the mail about it, in real processes: SNMP agent, worker, beat, SMTP."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Mailbox
from django.test import Client

from core.models import User
from itim.launcher import parts
from itim.launcher.process import end
from tests.flows.up import ROOT, until
from tests.ports import free_tcp_port, free_udp_port

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


class Inbox(Mailbox):
    """Keeps what the SMTP server takes."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)

    def about(self, word: str) -> list[Message]:
        return [mail for mail in self.mails if word in mail["Subject"]]


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler, port = Inbox(), free_tcp_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


class Stage:
    """The processes of one run; each ends with the block."""

    def __init__(self, stack: ExitStack, environment: dict[str, str]) -> None:
        self.stack, self.environment = stack, environment

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=self.environment)
        self.stack.callback(end, process)
        return process


def written(client: Client, method: str, path: str, body: Any) -> dict[str, Any]:
    """What the API made of it."""
    answer = getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")
    assert answer.status_code < 300, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_silence_becomes_a_mail_and_its_end_another(tmp_path: Path, inbox: tuple[Inbox, int]) -> None:
    mailbox, smtp_port = inbox
    snmp_port = free_udp_port()
    client = Client()
    client.force_login(User.objects.create_superuser("ada", "ada@example.com", "secret"))
    with ExitStack() as stack:
        stage = Stage(stack, {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}"})
        switch = stage.run("tests.flows.snmp_switch", str(snmp_port), str(tmp_path))
        stage.run(*parts.worker(f"celery,{parts.polling()}"))
        stage.run(*parts.beat(str(tmp_path / "beat")))

        check = watch(client, snmp_port)
        until(lambda: state(client, check) == "ok", "the switch is polled")
        tell_by_mail(client, mailbox)

        switch.kill()
        switch.wait()
        until(lambda: mailbox.about("[Critical] switch"), "a mail about the silence")
        (alert,) = client.get("/api/v1/alerts/?status=firing").json()["results"]
        assert "/monitoring/alerts/" in mailbox.about("[Critical]")[0].as_string()
        written(client, "post", f"alerts/{alert['id']}/acknowledge/", {"text": "on it"})

        stage.run("tests.flows.snmp_switch", str(snmp_port), str(tmp_path))
        until(lambda: mailbox.about("[Resolved] switch"), "a mail about the end")

    fired, resolved = mailbox.about("[Critical]"), mailbox.about("[Resolved]")
    assert (len(fired), len(resolved)) == (1, 1)
    assert fired[0]["References"] == resolved[0]["References"]
    assert fired[0]["Message-ID"] != resolved[0]["Message-ID"]
    page = client.get(f"/monitoring/alerts/{alert['id']}/").content.decode()
    for words in ("Resolved", "on it", "Sent", "Mail to the desk"):
        assert words in page
    log = client.get("/api/v1/notifications/?ordering=id").json()["results"]
    assert [(row["status"], row["attempts"]) for row in log] == [("sent", 1), ("sent", 1)]


def watch(client: Client, port: int) -> int:
    """A device with a login, whose SNMP check is quick; the id of that check."""
    secret = {"version": "2c", "community": "public"}
    login = written(client, "post", "credentials/", {"name": "c", "kind": "snmp-community", "secret": secret})
    device = {"name": "switch", "address": "127.0.0.1", "credential": login["id"]}
    pk = written(client, "post", "devices/", device)["id"]
    checks = {row["kind"]: row["id"] for row in client.get(f"/api/v1/checks/?device={pk}").json()["results"]}
    options = {"port": port, "timeout": 0.5, "retries": 0}
    written(client, "patch", f"checks/{checks['snmp']}/", {"interval": 5, "options": options})
    # A ping that still answers would make its alert wait for a better explanation.
    written(client, "patch", f"checks/{checks['ping']}/", {"enabled": False})
    rule = {"name": "Silent", "metric": "check.up", "operator": "==", "threshold": "0", "for_seconds": "0"}
    rule |= {"severity": "critical", "enabled": "on", "where_kind": ["snmp"]}
    assert client.post("/monitoring/rules/add/", rule).status_code == 302
    return int(checks["snmp"])


def state(client: Client, check: int) -> str:
    return str(client.get(f"/api/v1/checks/{check}/").json()["status"])


def tell_by_mail(client: Client, mailbox: Inbox) -> None:
    """A channel and a route by form; the button that tries the channel sends a mail for real."""
    sent = {"name": "Mail to the desk", "kind": "mail", "enabled": "on", "mail__to": "desk@example.com"}
    channel = re.search(r"\d+", client.post("/monitoring/channels/add/", sent).url)
    assert channel
    trial = client.post(f"/monitoring/channels/{channel[0]}/test/").url
    until(lambda: "The message was taken." in client.get(trial).content.decode(), "the channel works")
    assert len(mailbox.about("[Test]")) == 1
    route = {"name": "All", "order": 1, "min_severity": "info", "delay": 0, "repeat": 0, "enabled": "on"}
    assert client.post("/monitoring/routes/add/", {**route, "channels": channel[0]}).status_code == 302
