"""No channel speaks to an address that gives out credentials, whatever its name was when it was set up."""

import socket

import pytest

from monitoring.alerting import delivery, dispatch
from monitoring.models import Notification
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db

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
