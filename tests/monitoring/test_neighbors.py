"""Neighbors: kept by discovery, shown on the device's page, linked where they are known and may be seen."""

import pytest
from django.test import Client

from core.models import Permission, Role, User
from inventory.models import Device, Interface, Site
from monitoring import discovery, neighbors
from monitoring.models import Check, Neighbor
from probes.snmp.found import Found, Link

pytestmark = pytest.mark.django_db
MAC = "00:1b:ff:80:0a:01"


def link(name: str, local: str = "ge1", port: str = "ge2") -> Link:
    return Link("lldp", local, "", name, port)


@pytest.fixture
def device() -> Device:
    made = Device.objects.create(name="core-1", address="192.0.2.1", site=Site.objects.create(name="Lisbon"))
    Interface.objects.create(device=made, name="ge1")
    return made


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.net", "x"))
    return client


def page(client: Client, device: Device) -> str:
    return client.get(f"/inventory/devices/{device.pk}/").content.decode()


def test_discovery_keeps_them(device: Device) -> None:
    found = Found()
    found.device.sysDescr = "a switch"
    found.links = [link("sw-1"), link("sw-1"), link("sw-2", "ge3"), link("")]
    check = Check.objects.create(device=device, kind="snmp")
    discovery.save(check, found)
    first = dict(Neighbor.objects.values_list("remote_name", "since"))
    assert set(first) == {"sw-1", "sw-2"}
    found.links = [link("sw-2", "ge3"), link("sw-3")]
    discovery.save(check, found)
    assert set(Neighbor.objects.values_list("remote_name", flat=True)) == {"sw-2", "sw-3"}
    assert Neighbor.objects.get(remote_name="sw-2").since == first["sw-2"]


def test_hostile_names_are_contained(device: Device, admin: Client) -> None:
    neighbors.save(device, [link("<script>x</script>\x00\n" + "y" * 9000)])
    neighbors.save(device, [link(f"n{number}", f"p{number}") for number in range(5000)])
    assert Neighbor.objects.count() == neighbors.MOST
    neighbors.save(device, [link("<script>x</script>\x00")])
    text = page(admin, device)
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def test_they_stand_in_the_order_of_ports(device: Device) -> None:
    user = User.objects.create_superuser("root", "root@example.net", "x")
    neighbors.save(device, [link("a", "ge10"), link("b", "ge2"), link("sw-10", "ge1"), link("sw-9", "ge1")])
    shown, count = neighbors.of_device(user, device, 3)
    assert ([one.remote_name for one in shown], count) == (["sw-9", "sw-10", "b"], 4)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("SW-1", True),
        ("sw-1.example.net", True),
        ("192.0.2.9", True),
        ("00 1b ff 80 0a 01", True),
        ("sw-10", False),
        ("192.0.2.99", False),
        ("core-1", False),
    ],
)
def test_known_devices_are_linked(device: Device, admin: Client, said: str, known: bool) -> None:
    other = Device.objects.create(name="sw-1", address="192.0.2.9")
    Interface.objects.create(device=other, name="ge2", mac=MAC)
    neighbors.save(device, [link(said)])
    text = page(admin, device)
    assert said in text
    assert (f'href="/inventory/devices/{other.pk}/"' in text) is known
    assert f'href="/inventory/interfaces/{Interface.objects.get(device=device).pk}/"' in text


def test_of_namesakes_the_one_of_the_same_site(device: Device) -> None:
    user = User.objects.create_superuser("root", "root@example.net", "x")
    near = Device.objects.create(name="sw-1", site=device.site)
    Device.objects.create(name="sw-1", site=Site.objects.create(name="Porto"))
    assert neighbors.devices_named(user, device, {"sw-1"}) == {"sw-1": near}
    near.delete()
    Device.objects.create(name="sw-1")
    assert neighbors.devices_named(user, device, {"sw-1"}) == {}


def test_nothing_to_show(device: Device, admin: Client) -> None:
    assert "Neighbors" not in page(admin, device)


def test_no_link_to_what_one_may_not_see(device: Device) -> None:
    hidden = Device.objects.create(name="sw-1")
    neighbors.save(device, [link("sw-1")])
    user, role = User.objects.create_user("lia", "lia@example.net", "x"), Role.objects.create(name="Lisbon")
    for resource, path in (("inventory.device", "site__name"), ("inventory.interface", "device__site__name")):
        Permission.objects.create(role=role, resource=resource, actions=["view"], constraint={path: "Lisbon"})
    user.roles.add(role)
    client = Client()
    client.force_login(user)
    text = page(client, device)
    assert "sw-1" in text
    assert f"/inventory/devices/{hidden.pk}/" not in text
