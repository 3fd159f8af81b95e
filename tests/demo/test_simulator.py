"""The simulated devices answer as agents do: in order, within a frame, and silently to nonsense."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itim.demo import simulator
from itim.demo.company import COMMUNITY, DEVICES
from itim.demo.profiles import PROFILES, build
from probes.credentials import SnmpCommunity
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.discover import discover
from probes.snmp.found import points
from probes.target import Target
from tests.ports import free_udp_port

BY_PROFILE = {device.profile: device for device in DEVICES if not device.down}


def with_agent(device, work):
    """Run `work(client settings)` while the device answers."""

    async def run():
        port, ready = free_udp_port(), asyncio.Event()
        task = asyncio.create_task(simulator.serve(port, [device], ready))
        await asyncio.wait_for(ready.wait(), 5)
        try:
            return await work(SnmpSettings(port))
        finally:
            task.cancel()

    return asyncio.run(run())


def found_on(device):
    """What discovery finds on the device."""

    async def work(settings):
        async with SnmpClient(Target(device.address), SnmpCommunity(COMMUNITY), settings) as client:
            return await discover(client)

    return with_agent(device, work)


def test_every_profile_is_in_the_company():
    assert set(BY_PROFILE) == set(PROFILES)


def test_addresses_and_names_are_unique_and_uplinks_exist():
    assert len({device.address for device in DEVICES}) == len(DEVICES)
    names = {device.name for device in DEVICES}
    assert len(names) == len(DEVICES)
    assert {device.uplink for device in DEVICES} - {""} <= names


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_walk_meets_every_object_that_the_version_has(version):
    device = BY_PROFILE["core"]

    async def work(settings):
        credential = SnmpCommunity(COMMUNITY, version)
        async with SnmpClient(Target(device.address), credential, settings) as client:
            return await client.walk("1.3.6.1.2.1.2.2.1")

    rows = with_agent(device, work)
    base = (1, 3, 6, 1, 2, 1, 2, 2, 1)
    wanted = [oid for oid in build(device).oids if oid[: len(base)] == base]
    assert len(rows) == len(wanted)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_discovery_finds_interfaces_and_something_to_poll(profile):
    device = BY_PROFILE[profile]
    found = found_on(device)
    assert found.problems == []
    assert found.device.sysName == device.name
    assert found.ports
    if profile not in {"ap"}:
        assert points(found)


@given(st.binary(max_size=200))
def test_garbage_gets_no_answer(data):
    agent = simulator.Agent(build(BY_PROFILE["ups"]), COMMUNITY.encode())
    assert agent.answer(data, time.time()) is None
