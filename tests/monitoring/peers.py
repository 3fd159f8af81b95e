"""Peers of the channels as real servers, and how the tests send to them."""

import email
import socketserver
import threading
from datetime import timedelta
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from core.models import User
from monitoring.models import Notification
from tests.monitoring import alert_factory as make


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
