"""Addresses of chat services that would go round the door to the network, or read the server's files."""

import socket

import pytest
from apprise import Apprise

from monitoring.channels.apprise import THREADED_SCHEMES, AppriseSecret
from probes import network
from probes.options import OptionError

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
DISCORD = "discord://123456789012345678/" + "abcdefgh" * 8


@pytest.mark.parametrize("scheme", [*THREADED_SCHEMES, "XMPP"])
def test_services_that_connect_by_themselves_are_refused_with_the_reason(scheme: str) -> None:
    with pytest.raises(
        OptionError, match=f"url: cannot be {scheme.lower()}://: it opens connections by itself"
    ):
        AppriseSecret.from_dict({"url": f"{scheme}://user:pass@example.org/topic"})


@pytest.mark.parametrize(
    "url",
    [
        f"{SLACK}/?template=/etc/passwd",
        f"{SLACK}/?template=http://127.0.0.1/x",
        f"{DISCORD}?template=file:///etc/passwd",
        "tgram://123456789:abcdefg_hijklmnop/12315544/?template=/etc/passwd",
        "workflows://host:443/workflow/signature?template=/etc/passwd",
        "fcm://project/device?keyfile=/etc/passwd",
        "vapid://user@example.com?keyfile=/etc/passwd&subfile=/etc/passwd",
    ],
)
def test_no_address_makes_the_server_read_its_files(url: str) -> None:
    assert Apprise.instantiate(url) is not None, "apprise itself would take it"
    with pytest.raises(OptionError, match="names a file that the server would read"):
        AppriseSecret.from_dict({"url": url})


@pytest.mark.parametrize("url", [SLACK, DISCORD, "json://hooks.example.org/x", "mailto://u:p@example.com"])
def test_others_are_taken(url: str) -> None:
    assert AppriseSecret.from_dict({"url": url}).url == url


@pytest.mark.parametrize("url", ["", "nothing", "nosuch://x", "syslog://", "dbus://"])
def test_what_reaches_nobody_is_refused(url: str) -> None:
    with pytest.raises(OptionError):
        AppriseSecret.from_dict({"url": url})


def test_the_guard_sees_what_a_datagram_is_sent_to_however_it_is_sent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain, network.guarded() as refused:
        for send in (
            lambda: plain.sendto(b"x", ("169.254.169.254", 9)),
            lambda: plain.sendmsg([b"x"], [], 0, ("169.254.169.254", 9)),
            lambda: plain.connect(("169.254.169.254", 9)),
        ):
            with pytest.raises(network.NetworkError):
                send()
    assert len(refused) == 3
