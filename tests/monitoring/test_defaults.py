"""Checks by default: what is due by kind of device, platform and login, and that people have a last word."""

from typing import Any

import pytest
from django.test import Client

from core.models import Credential, User
from inventory.models import Device, DeviceRole, Platform
from monitoring import actions, discovery, reach, rules, upkeep
from monitoring.agents.inventory import save_inventory
from monitoring.defaults import Traits, due
from monitoring.models import Agent, Check, Rule
from monitoring.selector import Subject, picks_device
from probes.kinds import KINDS
from probes.snmp.found import Found

pytestmark = pytest.mark.django_db
API = "/api/v1/devices/"


@pytest.mark.parametrize(
    ("device", "platform", "login", "expected"),
    [
        ("", "", "", {"ping": 60}),
        ("", "", "http-login", {"ping": 60}),
        ("other", "ios", "snmp-community", {"ping": 60, "snmp": 60}),
        ("", "", "snmp-user", {"ping": 60, "snmp": 60}),
        ("printer", "", "snmp-community", {"ping": 60, "snmp": 300}),
        ("printer", "", "", {"ping": 60}),
        ("workstation", "windows", "", {"ping": 300}),
        ("server", "", "", {"ping": 60}),
        ("server", "linux", "", {"ping": 60, "tcp 22": 60}),
        ("server", "windows", "snmp-user", {"ping": 60, "snmp": 60, "tcp 3389": 60}),
        ("other", "linux", "", {"ping": 60}),
    ],
)
def test_what_is_due(device: str, platform: str, login: str, expected: dict[str, int]) -> None:
    found = due(Traits(device, platform, login))
    assert {f"{one.kind} {one.options.get('port', '')}".strip(): one.interval for one in found} == expected
    for one in found:
        KINDS[one.kind].Options.from_dict(dict(one.options))


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(User.objects.create_superuser("root", "root@example.net", "x"))
    return made


def send(client: Client, method: str, path: str, **fields: Any) -> Any:
    answer = getattr(client, method)(path, fields, "application/json")
    assert answer.status_code < 300, answer.content
    return answer.json()


def kinds(pk: int) -> list[str]:
    return sorted(f"{one.kind} {one.name}".strip() for one in Check.objects.filter(device=pk))


def server(client: Client, **fields: Any) -> int:
    fields.setdefault("role", DeviceRole.objects.get(name="Server").pk)
    return int(send(client, "post", API, name="s1", address="192.0.2.1", **fields)["id"])


@pytest.mark.parametrize(
    ("address", "login", "status", "expected"),
    [
        ("127.0.0.1", False, "active", ["ping"]),
        ("127.0.0.1", True, "active", ["ping", "snmp"]),
        ("", True, "active", []),
        ("127.0.0.1", True, "planned", []),
    ],
)
def test_devices_that_came_around_the_pages(
    address: str, login: bool, status: str, expected: list[str]
) -> None:
    row = Credential.objects.create(name="c", kind="snmp-community", secret={"community": "public"})
    made = Device.objects.create(name="d", address=address, status=status, credential=row if login else None)
    assert upkeep.add_missing_checks() == len(expected)
    assert kinds(made.pk) == expected
    assert actions.apply_defaults([made]) == 0
    assert upkeep.add_missing_checks() == 0


def test_what_becomes_due_later_is_added(client: Client) -> None:
    pk = server(client)
    assert kinds(pk) == ["ping"]
    send(client, "patch", f"{API}{pk}/", platform=Platform.objects.get(key="linux").pk)
    assert kinds(pk) == ["ping", "tcp SSH"]
    login = Credential.objects.create(name="c", kind="snmp-user", secret={"user": "u"})
    send(client, "patch", f"{API}{pk}/", credential=login.pk)
    assert kinds(pk) == ["ping", "snmp", "tcp SSH"]


@pytest.mark.parametrize(
    ("role", "kind"),
    [("Server", "server"), ("Workstation", "workstation"), ("Printer", "printer"), ("Switch", "other")],
)
def test_the_roles_that_come_along_know_what_they_are(role: str, kind: str) -> None:
    assert DeviceRole.objects.get(name=role).kind == kind


def test_a_role_counts_by_its_kind_whatever_it_is_called(client: Client) -> None:
    linux = Platform.objects.get(key="linux").pk
    role = DeviceRole.objects.get(name="Server").pk
    send(client, "patch", f"/api/v1/device-roles/{role}/", name="Maschinen")
    fields = {"role": role, "platform": linux, "address": "192.0.2.1"}
    assert kinds(send(client, "post", API, name="s1", **fields)["id"]) == ["ping", "tcp SSH"]


def test_a_role_that_becomes_one_of_servers_brings_what_these_get(client: Client) -> None:
    role = send(client, "post", "/api/v1/device-roles/", name="Database server")["id"]
    pk = server(client, role=role, platform=Platform.objects.get(key="linux").pk)
    assert kinds(pk) == ["ping"]
    send(client, "patch", f"/api/v1/device-roles/{role}/", kind="server")
    assert kinds(pk) == ["ping", "tcp SSH"]


def test_what_people_deleted_stays_away_and_what_they_changed_stays(client: Client) -> None:
    pk = server(client, platform=Platform.objects.get(key="linux").pk)
    client.delete(f"/api/v1/checks/{Check.objects.get(kind='ping').pk}/")
    ssh = Check.objects.get(kind="tcp").pk
    send(client, "patch", f"/api/v1/checks/{ssh}/", name="Secure shell", options={"port": 2222}, interval=600)
    send(client, "patch", f"{API}{pk}/", address="192.0.2.2")
    assert actions.apply_defaults([Device.objects.get(pk=pk)]) == upkeep.add_missing_checks() == 0
    found = Check.objects.get(device=pk)
    assert (found.name, found.options, found.interval) == ("Secure shell", {"port": 2222}, 600)


def test_all_deleted_is_deleted(client: Client) -> None:
    server(client)
    Check.objects.all().delete()
    assert upkeep.add_missing_checks() == 0


def test_a_check_of_ones_own_stands_for_the_default(client: Client) -> None:
    pk = server(client)
    Check.objects.create(device_id=pk, kind="tcp", name="mine", options={"port": 3389})
    Check.objects.create(device_id=pk, kind="tcp", name="web", options={"port": 443})
    send(client, "patch", f"{API}{pk}/", platform=Platform.objects.get(key="windows").pk)
    assert kinds(pk) == ["ping", "tcp mine", "tcp web"]


def test_a_platform_that_discovery_finds_counts(client: Client) -> None:
    pk = server(client)
    check = Check.objects.create(device_id=pk, kind="snmp")
    found = Found()
    found.device.os = "linux"
    found.device.sysDescr = "Linux"
    discovery.save(check, found)
    assert kinds(pk) == ["ping", "snmp", "tcp SSH"]


def test_a_platform_that_an_agent_tells_counts(client: Client) -> None:
    pk = server(client)
    agent = Agent.objects.create(device_id=pk, name="s1", machine_id="m", key_hash="k")
    save_inventory(agent, {"os": {"name": "Windows", "version": "2022"}}, "h")
    assert kinds(pk) == ["ping", "tcp RDP"]


@pytest.mark.parametrize("key", ["device-down", "no-data"])
def test_a_workstation_that_is_off_is_no_news(key: str) -> None:
    selector = Rule.objects.get(key=key).selector
    assert not picks_device(selector, Subject(role_kind="workstation", status="active", kind="ping"))
    assert picks_device(selector, Subject(role_kind="server", status="active", kind="ping"))
    assert picks_device(selector, Subject(status="active", kind="ping"))
    assert rules.load().rows


def test_how_far_a_rule_reaches_knows_the_roles_left_out(client: Client) -> None:
    role = DeviceRole.objects.get(name="Workstation")
    for name, of in (("w", role), ("x", None), ("y", DeviceRole.objects.get(name="Server"))):
        made = Device.objects.create(name=name, role=of, address="192.0.2.9")
        Check.objects.create(device=made, kind="ping")
    for selector in ({"not_role": [role.pk]}, {"not_role_kind": ["workstation"]}):
        picked = reach.picked(Check.objects.all(), selector)
        assert sorted(picked.values_list("device__name", flat=True)) == ["x", "y"]
