"""A device with a check, and a short way to hand in a sweep."""

import time
from collections.abc import Callable

import pytest

from inventory.models import Device
from monitoring import layout
from monitoring.ingest import Report, SweepInput, ingest
from monitoring.models import Check
from probes.readings import Column, Readings
from tests.monitoring.peers import admin_api, mail_server, smtp_script, web_server

__all__ = ["admin_api", "mail_server", "smtp_script", "web_server"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Layouts are kept by process; tests roll back."""
    layout._kept.clear()


@pytest.fixture
def device(db: None) -> Device:
    return Device.objects.create(name="sw1", address="127.0.0.1")


@pytest.fixture
def check(device: Device) -> Check:
    return Check.objects.create(device=device, kind="snmp")


@pytest.fixture
def now() -> float:
    """A whole minute, of today: partitions of these days exist."""
    return time.time() // 60 * 60


@pytest.fixture
def feed(check: Check, now: float) -> Callable[..., Report]:
    """feed(-60, {"if.in.octets": {"ge1": 10}}): a sweep read 60 seconds ago."""

    def hand_in(
        offset: float,
        values: dict[str, dict[str, float | int | None]] | None = None,
        *,
        error: str = "",
        uptime: float | None = None,
        to: Check | None = None,
    ) -> Report:
        columns = [Column(metric, tuple(by), tuple(by.values())) for metric, by in (values or {}).items()]
        readings = Readings(columns, error=error, duration=0.1, uptime=uptime)
        return ingest([SweepInput((to or check).pk, now + offset, readings)], now=now)

    return hand_in
