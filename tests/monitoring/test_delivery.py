"""Messages arrive over real conversations, are tried again, and say why when they do not."""

import hashlib
import hmac
import json
import socketserver
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.alerting import delivery, dispatch
from monitoring.channels import webhook
from monitoring.models import Notification
from tests.monitoring import alert_factory as make
from tests.monitoring.peers import due_now, mail_channel

pytestmark = pytest.mark.django_db


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
