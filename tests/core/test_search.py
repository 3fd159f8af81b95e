"""Search over everything: by name, serial, IP and MAC however written, ranked, only what one may see."""

from typing import Any

import pytest
from django.test import Client

from core.models import Permission, Role
from core.search import mac, network
from inventory.models import Device, Interface, IPAddress, Site
from tests.core.resource_kit import administrator, stranger


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(administrator())
    return client


def found(client: Client, text: str) -> dict[str, list[str]]:
    groups: list[dict[str, Any]] = client.get("/search/", {"q": text, "format": "json"}).json()["groups"]
    return {group["label"]: [one["label"] for one in group["results"]] for group in groups}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("aabb.ccdd.eeff", "aa:bb:cc:dd:ee:ff"),
        ("AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"),
        ("aabbcc", "aa:bb:cc"),
        ("aa:bb", ""),
        ("core1", ""),
        ("", ""),
    ],
)
def test_macs_however_written(text: str, wanted: str) -> None:
    assert mac(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10.1.2.3", "10.1.2.3/32"),
        ("10.1.", "10.1.0.0/16"),
        ("10.1.2.0/24", "10.1.2.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("300.1", "None"),
        ("core1", "None"),
    ],
)
def test_addresses_however_written(text: str, wanted: str) -> None:
    assert str(network(text)) == wanted


def test_exact_before_beginning_before_within(admin: Client) -> None:
    for name in ("x-core", "core-1", "core"):
        Device.objects.create(name=name)
    assert found(admin, "CORE")["Devices"] == ["core", "core-1", "x-core"]


def test_by_serial_mac_and_address(admin: Client) -> None:
    device = Device.objects.create(name="box", serial="FCW2140L0GH")
    port = Interface.objects.create(device=device, name="eth0", mac="aa:bb:cc:dd:ee:ff")
    IPAddress.objects.create(address="10.1.2.3/24", interface=port)
    assert found(admin, "2140l0")["Devices"] == ["box"]
    assert found(admin, "aabb.ccdd.eeff")["Interfaces"] == ["eth0"]
    assert found(admin, "10.1.2.3")["IP addresses"] == ["10.1.2.3/24"]
    assert found(admin, "10.1.")["IP addresses"] == ["10.1.2.3/24"]


def test_exact_is_found_among_very_many(admin: Client) -> None:
    Device.objects.bulk_create(Device(name=f"switch-{number}-a") for number in range(500))
    Device.objects.create(name="switch")
    assert found(admin, "switch")["Devices"][0] == "switch"


@pytest.mark.parametrize("text", ["", "x", "%%", "\x00\x00", "_" * 500, "'; drop table", "\\"])
def test_odd_words_do_no_harm(admin: Client, text: str) -> None:
    assert admin.get("/search/", {"q": text}).status_code == 200
    assert isinstance(found(admin, text), dict)


def test_only_what_one_may_see(client: Client, db: None) -> None:
    Device.objects.create(name="hidden-box", serial="S-1")
    Site.objects.create(name="hidden-site")
    user = stranger()
    client.force_login(user)
    assert found(client, "hidden") == {}
    role = Role.objects.create(name="some")
    role.users.add(user)
    Permission.objects.create(
        role=role, resource="inventory.device", actions=["view"], hidden_fields=["serial"]
    )
    assert found(client, "hidden") == {"Devices": ["hidden-box"]}
    assert found(client, "S-1") == {}
    client.logout()
    assert client.get("/search/?q=hidden").status_code == 302


def test_what_people_manage_stands_before_who_may(admin: Client) -> None:
    Role.objects.create(name="core")
    Device.objects.create(name="zrh-core-1")
    assert next(iter(found(admin, "core"))) == "Devices"
    answer = admin.get("/search/", {"q": "core.tag", "format": "json"}).json()
    assert not any("[" in one["detail"] for group in answer["groups"] for one in group["results"])
