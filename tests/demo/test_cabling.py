"""The company's cables: neighbors agree about them, discovery reads them, the page of a device links them."""

import pytest
from django.test import Client

from core.models import User
from inventory.models import Device
from itim.demo import lldp, ports
from itim.demo.company import DEVICES
from monitoring import neighbors
from tests.demo.test_simulator import found_on

NAMED = {device.name: device for device in DEVICES}


def test_both_ends_of_a_cable_agree() -> None:
    ends = [ports.Jack(device, index) for device in DEVICES for index in ports.plugged(device)]
    assert len(ends) == 2 * sum(bool(device.uplink) for device in DEVICES)
    for end in ends:
        other = ports.plugged(end.device)[end.index]
        assert ports.plugged(other.device)[other.index] == end
        assert end.name and other.device.name in (end.device.uplink, *below(end.device.name))


def below(name: str) -> list[str]:
    return [device.name for device in DEVICES if device.uplink == name]


def heard(name: str) -> set[tuple[str, str, str]]:
    """(local port, neighbor, its port) by our own discovery."""
    links = found_on(NAMED[name]).links
    assert {link.protocol for link in links} <= {"lldp"}
    return {(link.local_ifName, link.remote_hostname, link.remote_port) for link in links}


@pytest.mark.parametrize(
    ("name", "links"),
    [
        (
            "lis-core-1",
            {
                ("TenGigabitEthernet1/0/24", "lis-fw-1", "port1"),
                ("TenGigabitEthernet1/0/1", "lis-access-1", "GigabitEthernet1/0/24"),
                ("TenGigabitEthernet1/0/2", "lis-access-2", "GigabitEthernet1/0/24"),
                ("TenGigabitEthernet1/0/3", "lis-files-1", "eno1"),
                ("TenGigabitEthernet1/0/5", "lis-backup-1", "eno1"),
            },
        ),
        ("zrh-edge-1", {("xe-0/0/2", "zrh-fw-1", "wan1"), ("xe-0/0/3", "zrh-fw-2", "wan1")}),
        ("zrh-files-1", set()),
    ],
)
def test_discovery_reads_them(name: str, links: set[tuple[str, str, str]]) -> None:
    assert heard(name) == links


def test_what_is_down_or_silent_is_not_heard() -> None:
    hung = [NAMED[name] for name in below("rtm-core-1")]
    expected = {one.name for one in hung if one.profile in lldp.SPEAKERS and not one.down}
    assert {neighbor for _, neighbor, _ in heard("rtm-core-1")} == {*expected, "rtm-fw-1"}
    assert {one.name for one in hung} - expected >= {"rtm-access-3", "rtm-ups-1"}


@pytest.mark.django_db
def test_the_page_links_the_neighbors() -> None:
    rows = {one.name: Device.objects.create(name=one.name) for one in DEVICES if one.site == "lis"}
    core = rows["lis-core-1"]
    neighbors.save(core, found_on(NAMED[core.name]).links)
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.net", "x"))
    page = client.get(f"/inventory/devices/{core.pk}/").content.decode()
    panel = page[page.index('id="neighbors"') :]
    for name in ("lis-fw-1", "lis-access-1", "lis-files-1"):
        assert f'<a href="/inventory/devices/{rows[name].pk}/">{name}</a>' in panel
