"""What is wrong with a channel is told apart from what is wrong with a message, and is told to people."""

import pytest
from django.utils import timezone

from monitoring.alerting import delivery, dispatch
from monitoring.models import Channel, Notification
from tests.monitoring import alert_factory as make
from tests.monitoring.peers import due_now, mail_channel

pytestmark = pytest.mark.django_db

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
