"""Messages arrive over real conversations, are tried again, and say why when they do not."""

import email
import hashlib
import hmac
import json
import socket
import socketserver
import threading
from contextlib import suppress
from datetime import timedelta
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from core.models import User
from monitoring.alerting import delivery, dispatch
from monitoring.channels import webhook
from monitoring.models import Channel, Notification
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db


class MailServer:
    """A real SMTP server; `answers` are what it says to the next messages, 250 when there are none."""

    def __init__(self):
        self.mails, self.answers = [], []
        self.controller = Controller(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=modern))
        return answer

    @property
    def port(self):
        return self.controller.server.sockets[0].getsockname()[1]


class OpenController(Controller):
    """aiosmtpd greets itself on the port that it was given; port 0 has to be looked up first."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mail_server():
    server = MailServer()
    server.controller = OpenController(server, hostname="127.0.0.1", port=0)
    server.controller.start()
    yield server
    server.controller.stop()


class SmtpScript(socketserver.ThreadingTCPServer):
    """A server that speaks just enough SMTP; `answers` says by verb (or "greeting") what it says instead."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SmtpConversation)
        self.answers = {}
        self.port = self.server_address[1]


class SmtpConversation(socketserver.StreamRequestHandler):
    USUAL = {
        "EHLO": "250-here\r\n250 AUTH PLAIN",
        "AUTH": "235 welcome",
        "DATA": "354 go on",
        "QUIT": "221 bye",
    }

    def say(self, verb):
        self.wfile.write(
            (self.server.answers.get(verb) or self.USUAL.get(verb, "250 fine")).encode() + b"\r\n"
        )

    def handle(self):
        greeting = self.server.answers.get("greeting", "220 here")
        self.wfile.write(greeting.encode() + b"\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].decode().upper() if line.split() else ""
            self.say(verb)
            if verb == "DATA" and "DATA" not in self.server.answers:
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.say("taken")
            if verb == "QUIT":
                return


@pytest.fixture
def smtp_script():
    with SmtpScript() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def admin_api(client):
    """A browser of somebody who may do everything."""
    user = User.objects.create_superuser("root", "root@example.com", "x")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def web_server():
    seen, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, dict(self.headers), body))
            self.send_response(answers.pop(0) if answers else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.answers = seen, answers
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def mail_channel(server, **options):
    return make.channel("mail", to=["ops@example.org"], host="127.0.0.1", port=server.port, **options)


def due_now():
    Notification.objects.update(next_try=timezone.now() - timedelta(seconds=1))


def test_a_mail_says_what_where_and_since_when(mail_server):
    mail_channel(mail_server)
    alert = make.fire(make.device("core-sw-1", address="192.0.2.1"), metric="disk.usage")
    dispatch.dispatch()
    assert delivery.deliver() == 1
    assert delivery.deliver() == 0
    (mail,) = mail_server.mails
    assert mail["Subject"] == "[Critical] core-sw-1: disk.usage is wrong"
    text = mail.get_body(("plain",)).get_content()
    assert "192.0.2.1" in text
    assert f"/monitoring/alerts/{alert.pk}/" in text
    assert alert.notifications.get().status == Notification.Status.SENT


def test_names_from_outside_stay_text(mail_server):
    mail_channel(mail_server)
    make.fire(make.device("<b>x</b>\nBcc: me@example.org"), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    (mail,) = mail_server.mails
    assert mail["Bcc"] is None
    assert "<b>x</b>" not in mail.get_body(("html",)).get_content()


def test_a_busy_server_gets_the_same_message_again(mail_server):
    mail_channel(mail_server)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    mail_server.answers.append("451 try later")
    assert delivery.deliver() == 0
    row = alert.notifications.get()
    assert (row.status, row.attempts) == (Notification.Status.WAITING, 1)
    assert "451" in row.error
    assert row.next_try > timezone.now()
    due_now()
    assert delivery.deliver() == 1
    assert mail_server.mails[0]["Message-ID"] == f"<{row.message_id}>"


def test_a_no_is_final_and_told(mail_server):
    mail_channel(mail_server)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    mail_server.answers.append("550 no such user")
    delivery.deliver()
    row = alert.notifications.get()
    assert row.status == Notification.Status.FAILED
    assert "no such user" in row.error


def test_a_dead_server_is_tried_for_a_day():
    make.channel("mail", to=["ops@example.org"], host="127.0.0.1", port=9)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    assert alert.notifications.get().status == Notification.Status.WAITING
    due_now()
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=25))
    delivery.deliver()
    assert alert.notifications.get().status == Notification.Status.FAILED


def test_resolved_answers_in_the_same_thread(mail_server):
    mail_channel(mail_server)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    make.resolve(alert)
    dispatch.dispatch()
    delivery.deliver()
    first, second = mail_server.mails
    assert second["Subject"].startswith("[Resolved]")
    assert first["References"] == second["References"]


def test_what_a_killed_worker_had_leased_is_sent_later(mail_server):
    mail_channel(mail_server)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    assert delivery._lease() is not None
    assert delivery.deliver() == 0
    alert.notifications.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert delivery.deliver() == 1


def test_a_webhook_is_signed_json_with_an_idempotency_key(web_server):
    url = f"http://127.0.0.1:{web_server.server_port}/hook?x=1"
    make.channel("webhook", url=url, secret={"key": "k", "authorization": "Token t"})
    alert = make.fire(make.device("core"), metric="disk.usage")
    dispatch.dispatch()
    assert delivery.deliver() == 1
    path, headers, body = web_server.seen[0]
    assert path == "/hook?x=1"
    assert headers["Idempotency-Key"] == alert.notifications.get().message_id
    assert headers["Authorization"] == "Token t"
    mac = hmac.new(b"k", f"{headers['X-ITIM-Time']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-ITIM-Signature"] == f"sha256={mac}"
    data = json.loads(body)
    assert (data["event"], data["device"]["name"]) == ("fired", "core")


@pytest.mark.parametrize(("answer", "status"), [(503, "waiting"), (429, "waiting"), (404, "failed")])
def test_a_webhook_answer_decides(web_server, answer, status):
    make.channel("webhook", url=f"http://127.0.0.1:{web_server.server_port}/")
    alert = make.fire(make.device(), metric="disk.usage")
    web_server.answers.append(answer)
    dispatch.dispatch()
    delivery.deliver()
    row = alert.notifications.get()
    assert row.status == status
    assert str(answer) in row.error


def test_a_metadata_address_is_never_called():
    make.channel("webhook", url="http://169.254.169.254/latest")
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    assert "not allowed" in alert.notifications.get().error


def test_apprise_delivers_and_never_tells_its_address(web_server):
    url = f"json://user:hunter2@127.0.0.1:{web_server.server_port}/x"
    make.channel("apprise", secret={"url": url})
    alert = make.fire(make.device("core"), metric="disk.usage")
    dispatch.dispatch()
    assert delivery.deliver() == 1
    assert "core" in json.loads(web_server.seen[0][2])["title"]
    web_server.answers.extend([500] * 5)
    make.resolve(alert)
    dispatch.dispatch()
    delivery.deliver()
    row = alert.notifications.exclude(error="").get()
    assert row.status == Notification.Status.WAITING
    assert "hunter2" not in row.error


def test_a_channel_set_up_wrong_is_named():
    channel = make.channel("mail", to=["ops@example.org"])
    channel.options = {"to": "nobody"}
    channel.save()
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    row = alert.notifications.get()
    assert row.status == Notification.Status.FAILED
    assert "to: 'nobody' is not a mail address" in row.error


def test_a_peer_that_is_away_holds_up_no_other_channel(monkeypatch):
    tried = []

    def send(channel, message):
        tried.append(channel)
        if channel == away:
            raise delivery.SendError("no answer")

    monkeypatch.setattr(delivery, "send", send)
    away, well = make.channel(to=["a@example.org"]), make.channel(to=["b@example.org"])
    for number in range(3):
        make.fire(make.device(f"sw{number}"))
    dispatch.dispatch()
    assert delivery.deliver() == 3
    assert tried.count(away) == 1
    assert tried.count(well) == 3


def test_a_channel_that_is_sending_gets_no_second_message_at_the_same_time(monkeypatch):
    inner = []
    monkeypatch.setattr(delivery, "send", lambda channel, message: inner.append(delivery.deliver()))
    make.channel(to=["a@example.org"])
    for number in range(2):
        make.fire(make.device(f"sw{number}"))
    dispatch.dispatch()
    assert delivery.deliver() == 2
    assert inner == [0, 0]


def test_a_peer_that_drips_longer_than_its_lease_takes_one_thread(monkeypatch):
    inner = []
    monkeypatch.setattr(delivery, "LEASE", timedelta(seconds=-1))
    monkeypatch.setattr(delivery, "send", lambda channel, message: inner.append(delivery.deliver()))
    make.channel(to=["a@example.org"])
    make.fire(make.device())
    dispatch.dispatch()
    assert delivery.deliver() == 1
    assert inner == [0]


class Drip(socketserver.BaseRequestHandler):
    def handle(self):
        with suppress(OSError):
            while True:
                self.request.sendall(b"H")
                self.server.pause.wait(0.05)


def test_a_webhook_that_drips_is_left(monkeypatch):
    monkeypatch.setattr(webhook, "LONGEST", 0.5)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
        server.daemon_threads, server.pause = True, threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        make.channel("webhook", url=f"http://127.0.0.1:{server.server_address[1]}/")
        alert = make.fire(make.device(), metric="disk.usage")
        dispatch.dispatch()
        assert delivery.deliver() == 0
        server.shutdown()
    assert alert.notifications.get().error == "No answer within 0.5 s"


METADATA = ("169.254.169.254", "0.0.0.0", "[fd00:ec2::254]", "[::ffff:169.254.169.254]")


@pytest.mark.parametrize("address", METADATA)
def test_a_channel_to_an_address_that_gives_out_credentials_is_refused_by_field(admin_api, address):
    bare = address.strip("[]")
    for kind, part, sent, field in (
        ("webhook", "options", {"url": f"http://{address}/latest"}, "url"),
        ("mail", "options", {"to": ["a@example.org"], "host": bare}, "host"),
        ("apprise", "secret", {"url": f"json://{address}/x"}, "url"),
    ):
        body = {"name": kind, "kind": kind, "options": {}, "secret": {}} | {part: sent}
        answer = admin_api.post("/api/v1/channels/", body, content_type="application/json")
        assert answer.status_code == 400, (kind, answer.content)
        said = str(answer.json()[part])
        assert said.startswith(f"['{field}: ") and "address" in said


@pytest.mark.parametrize("kind", ["mail", "webhook", "apprise"])
def test_a_name_that_leads_to_such_an_address_is_not_spoken_to(monkeypatch, kind):
    """Whatever a name resolved to when it was checked: what is connected to counts."""
    metadata = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **more: metadata)
    options = {
        "mail": {"to": ["a@example.org"], "host": "mail.example.org"},
        "webhook": {"url": "http://hooks.example.org/"},
        "apprise": {},
    }[kind]
    make.channel(kind, secret={"url": "json://hooks.example.org/x"} if kind == "apprise" else {}, **options)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    row = alert.notifications.get()
    assert row.status == Notification.Status.WAITING
    assert "169.254.169.254 is a link-local or metadata address" in row.error


REFUSALS = [
    ({"greeting": "554 no service here"}, "refuses the connection: 554"),
    ({"AUTH": "535 bad password"}, "refuses the login: 535"),
    ({"AUTH": "534 too weak"}, "refuses the login: 534"),
    ({"MAIL": "550 not your address"}, "refuses the sender"),
    ({"RCPT": "530 log in first"}, "530"),
    ({"RCPT": "451 later"}, "451"),
    ({"EHLO": "550 no", "HELO": "550 no"}, "refuses the conversation: 550"),
]


@pytest.mark.parametrize(("answers", "said"), REFUSALS)
def test_what_is_wrong_with_the_channel_loses_no_message(smtp_script, answers, said):
    smtp_script.answers = answers
    login = {"user": "itim"} if "AUTH" in answers else {}
    secret = {"password": "x"} if login else {}
    channel = make.channel(
        "mail", to=["ops@example.org"], host="127.0.0.1", port=smtp_script.port, secret=secret, **login
    )
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    row = alert.notifications.get()
    assert (row.status, row.attempts) == (Notification.Status.WAITING, 1)
    assert said in row.error
    assert [one.pk for one in Channel.objects.in_trouble()] == [channel.pk]
    smtp_script.answers = {}
    due_now()
    assert delivery.deliver() == 1
    assert not Channel.objects.in_trouble().exists()


def test_a_server_without_starttls_is_a_fault_of_the_channel(mail_server):
    mail_channel(mail_server, security="starttls")
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    row = alert.notifications.get()
    assert row.status == Notification.Status.WAITING
    assert "STARTTLS" in row.error


def test_a_recipient_who_is_not_there_is_final(smtp_script):
    smtp_script.answers = {"RCPT": "550 no such user"}
    make.channel("mail", to=["ops@example.org"], host="127.0.0.1", port=smtp_script.port)
    alert = make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    delivery.deliver()
    assert alert.notifications.get().status == Notification.Status.FAILED


def test_a_channel_in_trouble_is_told_on_its_page_and_on_the_overview(admin_api, smtp_script):
    smtp_script.answers = {"greeting": "554 no service here"}
    channel = make.channel("mail", to=["ops@example.org"], host="127.0.0.1", port=smtp_script.port)
    well = make.channel("mail", to=["ops@example.org"], host="127.0.0.1", port=smtp_script.port)
    make.fire(make.device(), metric="disk.usage")
    dispatch.dispatch()
    Notification.objects.filter(channel=well).update(status="sent", sent_at=timezone.now())
    assert "do not get through" not in admin_api.get("/").content.decode()
    delivery.deliver()
    page = admin_api.get(f"/monitoring/channels/{channel.pk}/").content.decode()
    assert "Messages do not get through" in page and "554 no service here" in page
    assert (
        "Messages do not get through"
        not in admin_api.get(f"/monitoring/channels/{well.pk}/").content.decode()
    )
    (note,) = (
        part.split("</div>")[0]
        for part in admin_api.get("/").content.decode().split("<strong>")
        if part.startswith("Alert messages do not get through")
    )
    assert f">{channel.name}</a>" in note and "554 no service here" in note
    assert f">{well.name}</a>" not in note
