"""What the standard MIBs tell, out of short walks written by hand."""

import asyncio

import pytest

from probes.snmp.discover import discover
from probes.snmp.found import Found
from probes.snmp.values import Value
from tests.probes.walk_client import WalkClient

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
STORAGE = "1.3.6.1.2.1.25.2.3.1"
KIND = "1.3.6.1.2.1.25.2.1"


def found(walk: dict[str, Value]) -> Found:
    return asyncio.run(discover(WalkClient(walk)))


def test_system_group() -> None:
    device = found(
        {
            "1.3.6.1.2.1.1.1.0": b"Box\x00 v1\r\n",
            "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.99999.1",
            "1.3.6.1.2.1.1.3.0": 12345,
            "1.3.6.1.2.1.1.5.0": "Zürich".encode("latin-1"),
        }
    ).device
    assert (device.sysDescr, device.sysName, device.uptime) == ("Box v1", "Zürich", 123.45)
    assert device.os is None


@pytest.mark.parametrize(
    ("speed", "high", "expected"),
    [
        (1_000_000_000, 1000, 1_000_000_000),
        (4294967295, 40000, 40_000_000_000),
        (10_000_000, 0, 10_000_000),
        (0, 25000, 25_000_000_000),
        (0, 0, 0),
        (4294967295, None, 4294967295),
        (None, None, None),
    ],
)
def test_speed_of_an_interface(speed: int | None, high: int | None, expected: int | None) -> None:
    walk: dict[str, Value] = {f"{IF}.2.7": b"eth7"}
    walk |= {} if speed is None else {f"{IF}.5.7": speed}
    walk |= {} if high is None else {f"{IFX}.15.7": high}
    assert found(walk).ports[0].ifSpeed == expected


def test_interface_with_everything() -> None:
    walk: dict[str, Value] = {
        f"{IF}.2.3": b"GigabitEthernet0/3",
        f"{IF}.3.3": 6,
        f"{IF}.4.3": 9216,
        f"{IF}.6.3": b"\x00\x1b\x2c\x00\x01\xff",
        f"{IF}.7.3": 1,
        f"{IF}.8.3": 7,
        f"{IFX}.1.3": b"Gi0/3",
        f"{IFX}.18.3": b"uplink",
        "1.3.6.1.2.1.10.7.2.1.19.3": 3,
    }
    (port,) = found(walk).ports
    assert (port.ifIndex, port.ifName, port.ifDescr, port.ifAlias) == (
        3,
        "Gi0/3",
        "GigabitEthernet0/3",
        "uplink",
    )
    assert (port.ifType, port.ifMtu, port.ifPhysAddress) == ("ethernetCsmacd", 9216, "001b2c0001ff")
    assert (port.ifAdminStatus, port.ifOperStatus, port.ifDuplex) == ("up", "lowerLayerDown", "fullDuplex")


def test_addresses_of_both_tables_once() -> None:
    six = "2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.5"
    all_found = found(
        {
            "1.3.6.1.2.1.4.20.1.2.10.1.2.3": 4,
            "1.3.6.1.2.1.4.20.1.3.10.1.2.3": "255.255.254.0",
            "1.3.6.1.2.1.4.20.1.2.127.0.0.1": 1,
            "1.3.6.1.2.1.4.20.1.3.127.0.0.1": "255.0.0.0",
            "1.3.6.1.2.1.4.34.1.3.1.4.10.1.2.3": 4,
            "1.3.6.1.2.1.4.34.1.5.1.4.10.1.2.3": "1.3.6.1.2.1.4.32.1.5.4.1.4.10.1.2.0.23",
            f"1.3.6.1.2.1.4.34.1.3.{six}": 4,
            f"1.3.6.1.2.1.4.34.1.5.{six}": "1.3.6.1.2.1.4.32.1.5.4.2.16.32.1.13.184.0.0.64",
            "1.3.6.1.2.1.4.20.1.2.10.9.9.9": 5,
            "1.3.6.1.2.1.4.20.1.3.10.9.9.9": "255.0.255.0",
        }
    )
    four = [(item.address, item.prefixlen, item.ifIndex) for item in all_found.ipv4]
    assert four == [("10.1.2.3", 23, 4), ("127.0.0.1", 8, 1)]
    assert [(item.address, item.prefixlen) for item in all_found.ipv6] == [("2001:db8::5", 64)]


def storage_row(index: int, kind: int, name: bytes, units: int, size: int, used: int) -> dict[str, Value]:
    row = (f"{KIND}.{kind}", name, units, size, used)
    return {f"{STORAGE}.{column}.{index}": value for column, value in enumerate(row, start=2)}


def test_memory_that_the_kernel_gives_back_is_not_used() -> None:
    walk = {
        **storage_row(1, 2, b"Physical memory", 1024, 1000, 900),
        **storage_row(6, 1, b"Memory buffers", 1024, 1000, 100),
        **storage_row(7, 1, b"Cached memory", 1024, 1000, 300),
        **storage_row(10, 3, b"Swap space", 1024, 500, 5),
        **storage_row(31, 4, b"/", 4096, -1, 2**30),
        **storage_row(32, 4, b"/proc", 4096, 10, 0),
        **storage_row(33, 4, b"/empty", 4096, 0, 0),
    }
    all_found = found(walk)
    pools = {pool.descr: pool for pool in all_found.mempools}
    assert (pools["Physical memory"].used, pools["Physical memory"].perc) == (500 * 1024, 50.0)
    assert {pool.cls for pool in all_found.mempools} == {"system", "buffers", "cached", "swap"}
    assert [(disk.descr, disk.size) for disk in all_found.storage] == [("/", (2**32 - 1) * 4096)]


def test_buffers_and_cache_are_shares_of_the_physical_memory() -> None:
    pools = found(
        {
            **storage_row(1, 2, b"Physical memory", 1024, 1000, 200),
            **storage_row(6, 1, b"Memory buffers", 1024, 0, 0),
            **storage_row(7, 1, b"Cached memory", 1024, 300, 300),
        }
    ).mempools
    assert [(pool.cls, pool.perc) for pool in pools] == [("system", 20.0), ("buffers", 0.0), ("cached", 30.0)]


def test_ucd_stands_in_where_host_resources_is_silent() -> None:
    base = "1.3.6.1.4.1.2021"
    all_found = found(
        {
            f"{base}.11.11.0": 80,
            f"{base}.4.5.0": b"1000 kB",
            f"{base}.4.6.0": 400,
            f"{base}.4.14.0": 100,
            f"{base}.9.1.2.1": b"/data",
            f"{base}.9.1.11.1": 4294967295,
            f"{base}.9.1.12.1": 1,
            f"{base}.9.1.15.1": 0,
            f"{base}.9.1.16.1": 1,
        }
    )
    assert [core.usage for core in all_found.processors] == [20]
    assert [disk.used for disk in all_found.storage] == [2**32 * 1024]


def test_neighbors_by_the_name_of_the_local_port() -> None:
    remote, local = "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.3.7.1"
    (link,) = found(
        {
            f"{IF}.2.1001": b"ge-0/0/1",
            f"{local}.3.17": b"ge-0/0/1",
            f"{remote}.7.0.17.1": b"\x00\x11\x22\x33\x44\x55",
            f"{remote}.9.0.17.1": b"core-1",
        }
    ).links
    assert (link.local_ifName, link.remote_hostname, link.remote_port) == (
        "ge-0/0/1",
        "core-1",
        "001122334455",
    )


def test_bgp_vlans_parts_and_supplies() -> None:
    bgp, part, toner = "1.3.6.1.2.1.15.3.1", "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.2.1.43.11.1.1"
    all_found = found(
        {
            f"{bgp}.2.192.0.2.1": 6,
            f"{bgp}.9.192.0.2.1": -94967296,
            "1.3.6.1.2.1.17.7.1.4.3.1.1.30": b"voice",
            "1.3.6.1.2.1.17.7.1.4.2.1.6.0.31": 1,
            f"{part}.5.1": 3,
            f"{part}.13.1": b"X-48",
            f"{part}.11.1": b"SN1",
            f"{toner}.6.1.1": b"Black",
            f"{toner}.8.1.1": 2000,
            f"{toner}.9.1.1": 500,
            f"{toner}.6.1.2": b"Unknown",
            f"{toner}.8.1.2": 2000,
            f"{toner}.9.1.2": -3,
        }
    )
    (peer,) = all_found.bgp_peers
    assert (peer.peer, peer.remote_as, peer.state) == ("192.0.2.1", 4200000000, "established")
    assert [(vlan.vlan, vlan.name) for vlan in all_found.vlans] == [(30, "voice"), (31, "")]
    assert [(item.model, item.serial, item.cls) for item in all_found.inventory] == [
        ("X-48", "SN1", "chassis")
    ]
    assert [(supply.descr, supply.percent) for supply in all_found.supplies] == [("Black", 25.0)]


@pytest.mark.parametrize(
    ("kind", "scale", "digits", "raw", "expected"),
    [
        (8, 9, 1, 425, ("temperature", 42.5)),
        (4, 8, 0, 3300, ("voltage", 3.3)),
        (5, 8, 2, 345, ("current", 0.00345)),
        (10, 9, 0, 5400, ("fanspeed", 5400)),
        (12, 9, 0, 1, None),
        (8, 9, 0, 1_000_000_000, None),
    ],
)
def test_entity_sensor(
    kind: int, scale: int, digits: int, raw: int, expected: tuple[str, float] | None
) -> None:
    base = "1.3.6.1.2.1.99.1.1.1"
    sensors = found(
        {f"{base}.1.5": kind, f"{base}.2.5": scale, f"{base}.3.5": digits, f"{base}.4.5": raw}
    ).sensors
    assert [(sensor.cls, pytest.approx(sensor.value)) for sensor in sensors] == (
        [expected] if expected else []
    )


def test_light_in_watts_is_shown_in_dbm() -> None:
    base = "1.3.6.1.2.1.99.1.1.1"
    walk: dict[str, Value] = {f"{base}.1.5": 6, f"{base}.2.5": 8, f"{base}.3.5": 4, f"{base}.4.5": 5000}
    (sensor,) = found(walk | {"1.3.6.1.2.1.47.1.1.1.1.2.5": b"Rx Power port 1"}).sensors
    assert (sensor.cls, sensor.value) == ("dbm", pytest.approx(-3.0103))


def test_ups() -> None:
    base = "1.3.6.1.2.1.33.1"
    all_found = found({f"{base}.2.1.0": 3, f"{base}.2.5.0": 273, f"{base}.4.4.1.5.1": 41})
    values = {(sensor.cls, sensor.descr): sensor.value for sensor in all_found.sensors}
    assert values == {
        ("state", "Battery"): 3,
        ("voltage", "Battery"): pytest.approx(27.3),
        ("load", "Output 1"): 41,
    }
    assert all_found.to_json()["states"]["standard.battery"]["3"] == {"descr": "low", "generic": 2}
