"""What an SNMP agent says of itself becomes rows of the inventory and points to poll."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import Credential
from inventory.models import Device, Interface, IPAddress
from monitoring import actions, discovery, facts, polling
from monitoring.facts import DeviceFacts, PortFact
from monitoring.ingest import SweepInput
from monitoring.models import Check
from probes.readings import Column, Readings
from tests.probes.lying_agent import Agent, integer, text

pytestmark = pytest.mark.django_db
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
UCD = "1.3.6.1.4.1.2021.4"

MACHINE = {
    "1.3.6.1.2.1.1.1.0": text("Linux box 6.1.0 x86_64"),
    "1.3.6.1.2.1.1.2.0": b"\x06\x0a\x2b\x06\x01\x04\x01\xbf\x08\x03\x02\x0a",  # net-snmp on Linux
    "1.3.6.1.2.1.1.3.0": integer(100000, 0x43),
    "1.3.6.1.2.1.1.5.0": text("box"),
    f"{IF}.1.2": integer(2),
    f"{IF}.2.2": text("eth0"),
    f"{IF}.3.2": integer(6),
    f"{IF}.4.2": integer(1500),
    f"{IF}.5.2": integer(1000000000, 0x42),
    f"{IF}.6.2": b"\x04\x06\x00\x1b\xff\x80\x0a\x01",
    f"{IF}.7.2": integer(1),
    f"{IF}.8.2": integer(1),
    f"{IFX}.1.2": text("eth0"),
    f"{IFX}.15.2": integer(1000, 0x42),
    f"{IFX}.18.2": text("to the core"),
    f"{UCD}.5.0": integer(8000000),
    f"{UCD}.6.0": integer(2000000),
    "1.3.6.1.2.1.4.20.1.1.10.0.0.5": b"\x40\x04\x0a\x00\x00\x05",
    "1.3.6.1.2.1.4.20.1.2.10.0.0.5": integer(2),
    "1.3.6.1.2.1.4.20.1.3.10.0.0.5": b"\x40\x04\xff\xff\xff\x00",
}


@contextmanager
def answering(rows: dict[str, bytes]) -> Iterator[int]:
    """The agent in a loop and thread of its own; its port."""
    ready, over, ports = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with Agent(rows) as agent:
            ports.append(agent.port)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        yield ports[0]
    finally:
        over.set()
        thread.join()


def check_at(port: int) -> Check:
    login = Credential.objects.create(name="c", kind="snmp-community", secret={"community": "public"})
    device = Device.objects.create(name="box", address="127.0.0.1", credential=login)
    options = {"port": port, "timeout": 0.5, "retries": 0}
    return Check.objects.create(device=device, kind="snmp", options=options)


def test_discovery_fills_the_inventory_and_the_plan() -> None:
    with answering(MACHINE) as port:
        check = check_at(port)
        before = check.updated_at
        assert discovery.run(check.pk) is not None
    check.refresh_from_db()
    port_row = Interface.objects.get(device=check.device)
    assert (port_row.name, port_row.alias, port_row.if_index) == ("eth0", "to the core", 2)
    assert (port_row.mac, port_row.speed, port_row.oper_up) == ("00:1b:ff:80:0a:01", 10**9, True)
    assert [str(row) for row in IPAddress.objects.all()] == ["10.0.0.5/24"]
    assert Device.objects.get().platform.key == "linux"
    assert any(point[1] == "memory.usage" for point in check.plan["points"])
    assert check.updated_at > before


def test_discovery_twice_changes_nothing() -> None:
    with answering(MACHINE) as port:
        check = check_at(port)
        discovery.run(check.pk)
        check.refresh_from_db()
        first = (check.updated_at, list(Interface.objects.values()))
        discovery.run(check.pk)
    check.refresh_from_db()
    assert (check.updated_at, list(Interface.objects.values())) == first


def test_nobody_answers() -> None:
    check = check_at(9)
    assert discovery.run(check.pk) is None
    assert not Interface.objects.exists()


def test_a_claim_comes_again_only_later() -> None:
    check = check_at(9)
    actions.discover_soon(check)
    assert discovery.claim() == [(check.pk, "default")]
    assert discovery.claim() == []
    Check.objects.update(next_discovery=timezone.now() + timedelta(hours=20))
    discovery.again_after_change({check.pk})
    assert discovery.claim() == [(check.pk, "default")]


def sweep(
    check: Check, age: float, ports: list[str], changed: float | None = 5.0, uptime: float = 1e6
) -> None:
    """What a poll hands in, by the very way that polls take."""
    columns = [Column("if.count", ("",), (len(ports),)), Column("if.up", tuple(ports), (1,) * len(ports))]
    if changed is not None:
        columns.append(Column("if.table.changed", ("",), (changed,)))
    at = timezone.now().timestamp() - age
    polling.store_chunk([SweepInput(check.pk, at, Readings(columns, uptime=uptime - age))])


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction lives in its connection."""
    monkeypatch.setattr(polling, "close_old_connections", lambda: None)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize(
    ("then", "again"),
    [
        ({"ports": ["a", "b"]}, False),
        ({"ports": ["b", "a"]}, False),
        ({"ports": ["a", "b", "c"]}, True),
        ({"ports": ["a"]}, True),
        ({"ports": ["a", "renamed"]}, True),
        ({"ports": ["a", "b"], "changed": 99.0}, True),
        ({"ports": ["a", "b"], "changed": None}, False),
        ({"ports": ["a", "b"], "uptime": 70.0}, True),
    ],
)
def test_a_device_that_changed_is_looked_at_again(check: Check, then: dict[str, Any], again: bool) -> None:
    tomorrow = timezone.now() + timedelta(hours=20)
    Check.objects.update(next_discovery=tomorrow, plan={"points": []})
    sweep(check, 120, ["a", "b"])
    assert Check.objects.get().next_discovery == tomorrow
    sweep(check, 60, **then)
    assert (Check.objects.get().next_discovery < tomorrow) is again
    assert bool(discovery.claim()) is again


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize(
    ("plan", "soon"), [({}, True), ({"points": []}, False)], ids=["silent", "discovered"]
)
def test_a_device_that_was_silent_is_looked_at_soon_after_it_speaks(
    check: Check, plan: dict[str, Any], soon: bool
) -> None:
    Check.objects.update(plan=plan, next_discovery=None)
    assert discovery.claim()  # it did not answer then: the next try is ten minutes away
    sweep(check, 60, ["a"])
    assert (Check.objects.get().next_discovery < timezone.now() + timedelta(minutes=2)) is soon
    Check.objects.update(next_discovery=(later := timezone.now() + timedelta(minutes=9)))
    sweep(check, 0, ["a"])  # the second answer is no news
    assert Check.objects.get().next_discovery == later


@pytest.mark.usefixtures("one_connection")
def test_a_device_that_changes_at_every_poll_is_looked_at_seldom(check: Check) -> None:
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    then = a_minute_ago + timedelta(days=discovery.AGAIN_DAYS)
    Check.objects.update(next_discovery=then, plan={"points": []})
    for age in (180, 120, 60):
        sweep(check, age, [f"port{age}"])
    assert discovery.claim() == []
    later = Check.objects.get().next_discovery - timezone.now()
    assert timedelta(minutes=8) < later <= discovery.SETTLE


def test_renumbered_and_renamed_ports_stay_themselves(device: Device) -> None:
    mac = "00:1b:ff:80:0a:01"
    facts.save(device, DeviceFacts(ports=[PortFact("ge1", if_index=1), PortFact("ge2", if_index=2, mac=mac)]))
    first, second = Interface.objects.order_by("name")
    facts.save(device, DeviceFacts(ports=[PortFact("ge1", if_index=7), PortFact("xe2", if_index=2, mac=mac)]))
    assert Interface.objects.get(pk=first.pk).if_index == 7
    assert Interface.objects.get(pk=second.pk).name == "xe2"
    assert Interface.objects.count() == 2


@pytest.mark.parametrize("serial", ["To be filled by O.E.M.", "0", "None", "Default string", ""])
def test_serials_that_mean_nothing_are_not_kept(device: Device, serial: str) -> None:
    Device.objects.update(serial="REAL")
    facts.save(device, DeviceFacts(serial=serial))
    assert Device.objects.get().serial == "REAL"


def test_what_people_chose_is_not_replaced(device: Device) -> None:
    facts.save(device, DeviceFacts(vendor="Dell", model="R640", platform_key="linux"))
    facts.save(device, DeviceFacts(vendor="HPE", model="DL380", platform_key="windows"))
    assert (str(Device.objects.get().device_type), Device.objects.get().platform.key) == (
        "Dell R640",
        "linux",
    )
