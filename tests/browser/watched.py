"""Devices with an hour of readings, alerts and dependencies, for tests that look at pages about them."""

import math
import time

from core import history
from inventory.models import Dependency, Device, DeviceRole, Interface, Service, Site
from monitoring import layout, tops
from monitoring.ingest import SweepInput, ingest
from monitoring.models import Alert, AlertEvent, Check
from probes.readings import Column, Readings

PORTS = tuple(f"GigabitEthernet1/0/{number}" for number in range(1, 25))
LONG = "rack-14-unit-07-" + "very-long-name-without-any-blank" * 2


def sweep(check: Check, at: float, number: int) -> SweepInput:
    octets = [(number + 40) * 60 * 125_000 * (port % 7) for port in range(len(PORTS))]
    wave = 40 + 30 * math.sin(number / 6)
    columns = [
        Column("cpu.usage", ("",), (wave,)),
        Column("memory.usage", ("",), (61.5,)),
        Column("disk.usage", ("/", "/var"), (41.0, 96.4)),
        Column("temperature", ("Inlet",), (31.0 + number % 3,)),
        Column("ping.rtt", ("",), (0.002,)),
        Column("if.in.octets", PORTS, octets),
        Column("if.out.octets", PORTS, [value // 2 for value in octets]),
        Column("if.in.errors", PORTS, [0] * len(PORTS)),
    ]
    return SweepInput(check.pk, at, Readings(columns, duration=0.12, uptime=at))


def switch(name: str = "fra-core-1") -> Device:
    """A device with 24 ports, an hour of readings, an open and a resolved alert, a service behind it."""
    layout._kept.clear()
    site, _ = Site.objects.get_or_create(name="Frankfurt")
    role, _ = DeviceRole.objects.get_or_create(name="Switch")
    with history.context(source="command", why="first look"):
        device = Device.objects.create(
            name=name,
            site=site,
            role=role,
            address="192.0.2.7",
            serial="FCW2140L0GH",
            os_version="IOS-XE 17.9.4",
        )
    Interface.objects.bulk_create(
        Interface(
            device=device,
            name=port,
            alias="Uplink <b>" if not number else "",
            speed=1_000_000_000,
            if_index=number,
            oper_up=number % 5 != 4,
        )
        for number, port in enumerate(PORTS)
    )
    check = Check.objects.create(device=device, kind="snmp")
    now = time.time() // 60 * 60
    ingest([sweep(check, now - 60 * (59 - number), number) for number in range(60)])
    alert(device, check, "critical", "Disk usage /var is 96.4% (limit 95%)")
    service, _ = Service.objects.get_or_create(name="Mail", defaults={"criticality": "high"})
    Dependency.objects.create(service=service, on_device=device)
    tops.refresh()
    return device


def alert(device: Device, check: Check, severity: str, text: str) -> Alert:
    from_time = check.created_at
    made = Alert.objects.create(
        device=device,
        source=check,
        metric="disk.usage",
        instance="/var",
        severity=severity,
        status=Alert.Status.FIRING,
        started_at=from_time,
        fired_at=from_time,
        text=text,
    )
    AlertEvent.objects.create(alert=made, kind=AlertEvent.Kind.FIRED, at=from_time)
    return made
