"""What each sort of simulated device answers: standard MIBs, and a vendor's own where people expect them."""

from collections.abc import Callable
from typing import Final

from itim.demo import ber, lldp
from itim.demo.company import DemoDevice
from itim.demo.curves import Curve
from itim.demo.mib import Mib
from itim.demo.ports import NAMES, USED, Jack, is_dark, mac, plugged

GIGA: Final = 10**9
STARTED: Final = 1788220800.0
"""2026-09-01 UTC: when most simulated devices were last started."""

Profile = Callable[[Mib, DemoDevice], None]


def build(device: DemoDevice) -> Mib:
    """The device's objects, ready to answer."""
    mib = Mib()
    PROFILES[device.profile](mib, device)
    lldp.add(mib, device)
    return mib.seal()


def _system(mib: Mib, device: DemoDevice, descr: str, object_id: str) -> None:
    """SNMPv2-MIB system group (RFC 3418)."""
    base = "1.3.6.1.2.1.1"
    mib.text(f"{base}.1.0", descr)
    mib.name(f"{base}.2.0", object_id)
    mib.ticks(f"{base}.3.0", STARTED + _number(device) * 3600)
    mib.text(f"{base}.4.0", "it@alder-finch.example")
    mib.text(f"{base}.5.0", device.name)
    mib.text(f"{base}.6.0", f"{device.site.upper()}, {device.room}")


def _number(device: DemoDevice) -> int:
    return int(device.address.rpartition(".")[2])


def _serial(device: DemoDevice, prefix: str) -> str:
    return f"{prefix}{device.address.split('.')[1]}{_number(device):04d}"


def _behind(device: DemoDevice, index: int) -> str:
    """What the people of the company write to a port: who is at the other end of its cable."""
    peer = plugged(device).get(index)
    return peer.device.name if peer else ""


def _interface(
    mib: Mib, device: DemoDevice, index: int, name: str, alias: str, speed: int, share: float, up: bool = True
) -> None:
    """A row of ifTable and ifXTable (RFC 2863); `share` of the speed is used on average."""
    low, high = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
    curve = Curve("traffic", f"{device.name} {name}")
    inward, outward = (speed / 8 * share * part if up else 0.0 for part in (1.0, 0.6))
    errors = 0.4 if "errors" in device.traits and index == 3 else 0.0
    mib.table(low, index, {1: index, 2: name, 3: 6, 4: 1500, 6: mac(Jack(device, index)), 7: 1})
    mib.number(f"{low}.5.{index}", min(speed, 2**32 - 1), ber.GAUGE32)
    mib.number(f"{low}.8.{index}", 1 if up else 2)
    mib.number(f"{low}.9.{index}", 0, ber.TICKS)
    for column, rate in ((10, inward), (16, outward), (13, 0.0), (14, errors), (19, 0.0), (20, 0.0)):
        mib.counter(f"{low}.{column}.{index}", rate, curve, bits=32)
    for column, rate in ((6, inward), (7, inward / 700), (10, outward), (11, outward / 700)):
        mib.counter(f"{high}.{column}.{index}", rate, curve)
    mib.text(f"{high}.1.{index}", name)
    mib.number(f"{high}.15.{index}", speed // 10**6, ber.GAUGE32)
    mib.text(f"{high}.18.{index}", alias)


def _address(mib: Mib, device: DemoDevice, index: int) -> None:
    """IP-MIB ipAddrTable (RFC 1213)."""
    base = f"1.3.6.1.2.1.4.20.1.{{}}.{device.address}"
    mib.address(base.format(1), device.address)
    mib.number(base.format(2), index)
    mib.address(base.format(3), "255.255.255.0")


def _chassis(mib: Mib, device: DemoDevice, model: str, maker: str, version: str, prefix: str) -> None:
    """ENTITY-MIB entPhysicalTable (RFC 6933): the chassis alone."""
    mib.table(
        "1.3.6.1.2.1.47.1.1.1.1",
        1,
        {
            2: f"{model} chassis",
            4: 0,
            5: 3,
            7: model,
            10: version,
            11: _serial(device, prefix),
            12: maker,
            13: model,
        },
    )


def _cisco(mib: Mib, device: DemoDevice, model: str, speed: int, use: str) -> None:
    """A switch: CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB, CISCO-ENVMON-MIB; `use`: where its cables lead."""
    version = "17.9.4a"
    descr = (
        f"Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version {version}, "
        "RELEASE SOFTWARE (fc3)"
    )
    _system(mib, device, descr, "1.3.6.1.4.1.9.1.2494")
    _chassis(mib, device, model, "Cisco", version, "FDO")
    for index, name in NAMES[device.profile].items():
        uplink = index > max(USED)
        cut = ("portdown" in device.traits and index == 5) or is_dark(device, index)
        share = 0.18 if uplink else 0.002 + 0.0015 * (index % 7)
        alias = _behind(device, index) or (f"{use} {index:02d}" if index in USED else "")
        _interface(mib, device, index, name, alias, speed, share, (uplink or index in USED) and not cut)
    _interface(mib, device, 100, "Vlan10", "Management", GIGA, 0.0001)
    _address(mib, device, 100)
    hot = 18 if "hot" in device.traits else 0
    mib.gauge("1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", 24, Curve("load", device.name), ber.GAUGE32)
    mib.number("1.3.6.1.4.1.9.9.109.1.1.1.1.2.1", 1)
    pool = "1.3.6.1.4.1.9.9.48.1.1.1"
    mib.text(f"{pool}.2.1", "Processor")
    mib.gauge(f"{pool}.5.1", 0.9e9, Curve("memory", device.name), ber.GAUGE32)
    mib.gauge(f"{pool}.6.1", 1.1e9, Curve("flat"), ber.GAUGE32)
    sensor = "1.3.6.1.4.1.9.9.13.1.3.1"
    mib.text(f"{sensor}.2.1", "Inlet")
    mib.gauge(f"{sensor}.3.1", 31 + hot, Curve("warmth", device.name), ber.GAUGE32)
    mib.number(f"{sensor}.4.1", 56, ber.INTEGER)
    mib.number(f"{sensor}.6.1", 1)


def _core(mib: Mib, device: DemoDevice) -> None:
    _cisco(mib, device, "C9500-24Y4C", 10 * GIGA, "Rack")


def _access(mib: Mib, device: DemoDevice) -> None:
    _cisco(mib, device, "C9300-24T", GIGA, "Desk")


def _router(mib: Mib, device: DemoDevice) -> None:
    """A Juniper router: JUNIPER-MIB jnxOperatingTable."""
    _system(
        mib,
        device,
        "Juniper Networks, Inc. mx204 internet router, kernel JUNOS 22.4R3.25, Build date: 2024-03-12",
        "1.3.6.1.4.1.2636.1.1.1.2.144",
    )
    _chassis(mib, device, "MX204", "Juniper Networks", "22.4R3.25", "JN")
    mib.text("1.3.6.1.4.1.2636.3.1.2.0", "Juniper MX204 Edge Router")
    mib.text("1.3.6.1.4.1.2636.3.1.3.0", _serial(device, "JN"))
    carriers = {1: "Internet, carrier A", 2: "Internet, carrier B"}
    for index, name in NAMES["router"].items():
        alias = carriers.get(index) or _behind(device, index)
        _interface(mib, device, index, name, alias, 10 * GIGA, 0.08 / index, bool(alias))
    _address(mib, device, 3)
    table = "1.3.6.1.4.1.2636.3.1.13.1"
    mib.text(f"{table}.5.9.1.0.0", "Routing Engine 0")
    mib.gauge(f"{table}.7.9.1.0.0", 44, Curve("warmth", device.name), ber.GAUGE32)
    mib.gauge(f"{table}.8.9.1.0.0", 17, Curve("load", device.name), ber.GAUGE32)
    mib.gauge(f"{table}.11.9.1.0.0", 38, Curve("memory", device.name), ber.GAUGE32)
    mib.number(f"{table}.15.9.1.0.0", 16384)


def _firewall(mib: Mib, device: DemoDevice) -> None:
    """FORTINET-FORTIGATE-MIB fgSystemInfo."""
    _system(mib, device, "Alder & Finch firewall", "1.3.6.1.4.1.12356.101.1.1004")
    _chassis(mib, device, "FGT_100F", "Fortinet", "7.2.8", "FG100F")
    mib.text("1.3.6.1.4.1.12356.100.1.1.1.0", _serial(device, "FG100F"))
    info = "1.3.6.1.4.1.12356.101.4.1"
    mib.text(f"{info}.1.0", "v7.2.8,build1639,240313 (GA.M)")
    mib.gauge(f"{info}.3.0", 21, Curve("load", device.name), ber.GAUGE32)
    mib.gauge(f"{info}.4.0", 52, Curve("memory", device.name), ber.GAUGE32)
    mib.number(f"{info}.5.0", 3908 * 1024, ber.GAUGE32)
    for index, name in NAMES["firewall"].items():
        alias = _behind(device, index) or {"port1": "Inside", "dmz": "DMZ"}.get(name, "")
        _interface(mib, device, index, name, alias, GIGA, 0.22 / index, bool(alias))
    _address(mib, device, 2)


def _server(
    mib: Mib, device: DemoDevice, disks: list[tuple[str, int, float]], cores: int, memory: int
) -> None:
    """HOST-RESOURCES-MIB (RFC 2790): processors, memory, disks (name, bytes, share used)."""
    busy = "busy" in device.traits
    mean, shape = (94, "busy") if busy else (26, "load")
    base = "1.3.6.1.2.1.25"
    for core in range(cores):
        index = 196608 + core
        mib.table(f"{base}.3.2.1", index, {1: index, 3: "CPU"})
        mib.name(f"{base}.3.2.1.2.{index}", "1.3.6.1.2.1.25.3.1.3")
        mib.gauge(f"{base}.3.3.1.2.{index}", mean, Curve(shape, f"{device.name} {core}"))
    mib.number(f"{base}.2.2.0", memory // 1024)
    _storage(mib, 1, "Physical memory", "2", memory, 0.58, Curve("memory", device.name))
    for index, (name, size, share) in enumerate(disks, 31):
        _storage(mib, index, name, "4", size, share, Curve("steady", f"{device.name} {name}"))


def _storage(mib: Mib, index: int, name: str, kind: str, size: int, share: float, curve: Curve) -> None:
    table, unit = "1.3.6.1.2.1.25.2.3.1", 65536
    mib.number(f"{table}.1.{index}", index)
    mib.name(f"{table}.2.{index}", f"1.3.6.1.2.1.25.2.1.{kind}")
    mib.text(f"{table}.3.{index}", name)
    mib.number(f"{table}.4.{index}", unit)
    mib.number(f"{table}.5.{index}", size // unit)
    mib.gauge(f"{table}.6.{index}", size / unit * share, curve)


def _linux(mib: Mib, device: DemoDevice) -> None:
    descr = f"Linux {device.name} 6.1.0-25-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.106-3 x86_64"
    _system(mib, device, descr, "1.3.6.1.4.1.8072.3.2.10")
    _interface(mib, device, 1, "lo", "", 10**7, 0.01)
    _interface(mib, device, 2, "eno1", device.uplink, 10 * GIGA, 0.03)
    _address(mib, device, 2)
    full = 0.968 if "diskfull" in device.traits else 0.47
    disks = [("/", 60 << 30, 0.41), ("/var", 200 << 30, full)]
    if "bigdisk" in device.traits:
        disks.append(("/srv", 40 << 40, 0.83))
    _server(mib, device, disks, cores=8, memory=64 << 30)
    load = 6.4 if "busy" in device.traits else 1.3
    for index, label in enumerate(("Load-1", "Load-5", "Load-15"), 1):
        mib.text(f"1.3.6.1.4.1.2021.10.1.2.{index}", label)
        mib.gauge(f"1.3.6.1.4.1.2021.10.1.5.{index}", 100 * load, Curve("load", device.name))


def _windows(mib: Mib, device: DemoDevice) -> None:
    descr = (
        "Hardware: Intel64 Family 6 Model 106 Stepping 6 AT/AT COMPATIBLE - "
        "Software: Windows Version 6.3 (Build 20348 Multiprocessor Free)"
    )
    _system(mib, device, descr, "1.3.6.1.4.1.311.1.1.3.1.2")
    _interface(mib, device, 1, "Ethernet 1", device.uplink, 10 * GIGA, 0.02)
    _address(mib, device, 1)
    disks = [
        ("C:\\ Label:System  Serial Number 4e1", 120 << 30, 0.52),
        ("D:\\ Label:Data  Serial Number 7a3", 2 << 40, 0.71),
    ]
    _server(mib, device, disks, cores=4, memory=32 << 30)


def _ups(mib: Mib, device: DemoDevice) -> None:
    """UPS-MIB (RFC 1628)."""
    _system(mib, device, f"{device.role.upper()} network card", "1.3.6.1.4.1.476.1.42")
    _interface(mib, device, 1, "eth0", "", 10**8, 0.0001)
    _address(mib, device, 1)
    base = "1.3.6.1.2.1.33.1"
    mib.text(f"{base}.1.1.0", "Vertiv")
    mib.text(f"{base}.1.2.0", "GXT5-3000" if device.role == "ups" else "Geist rPDU")
    on_battery = "battery" in device.traits
    for oid, value in (
        ("2.1.0", 2),
        ("2.2.0", 900 if on_battery else 0),
        ("2.4.0", 61 if on_battery else 100),
    ):
        mib.number(f"{base}.{oid}", value)
    mib.number(f"{base}.2.3.0", 19 if on_battery else 47)
    mib.gauge(f"{base}.2.7.0", 26, Curve("warmth", device.name))
    mib.gauge(f"{base}.3.3.1.3.1", 231, Curve("steady", device.name))
    mib.number(f"{base}.4.1.0", 5 if on_battery else 3)
    mib.gauge(f"{base}.4.4.1.2.1", 230, Curve("steady", device.name))
    mib.gauge(f"{base}.4.4.1.4.1", 1150, Curve("warmth", device.name))
    mib.gauge(f"{base}.4.4.1.5.1", 43, Curve("warmth", device.name))


def _ap(mib: Mib, device: DemoDevice) -> None:
    _system(mib, device, "UAP-AC-Pro-Gen2 6.6.65.15248", "1.3.6.1.4.1.10002.1")
    _interface(mib, device, 1, "eth0", device.uplink, GIGA, 0.02)
    _interface(mib, device, 2, "wifi0", "2.4 GHz", 300 * 10**6, 0.03)
    _interface(mib, device, 3, "wifi1", "5 GHz", 1300 * 10**6, 0.02)
    _address(mib, device, 1)


def _printer(mib: Mib, device: DemoDevice) -> None:
    """Printer-MIB (RFC 3805)."""
    _system(mib, device, "HP ETHERNET MULTI-ENVIRONMENT", "1.3.6.1.4.1.11.2.3.9.1")
    _interface(mib, device, 1, "eth0", "", GIGA, 0.0004)
    _address(mib, device, 1)
    mib.table("1.3.6.1.2.1.25.3.2.1", 1, {1: 1, 3: "HP LaserJet MFP M528", 5: 2})
    mib.name("1.3.6.1.2.1.25.3.2.1.2.1", "1.3.6.1.2.1.25.3.1.5")
    mib.text("1.3.6.1.2.1.43.5.1.1.17.1", _serial(device, "VNB"))
    base = "1.3.6.1.2.1.43.11.1.1"
    levels = (7, 64, 81) if "lowtoner" in device.traits else (58, 72, 90)
    for index, (name, level) in enumerate(zip(("Black toner", "Drum", "Fuser"), levels, strict=True), 1):
        mib.table(base, f"1.{index}", {2: 1, 3: index, 4: 3, 5: 3, 6: name, 7: 19, 8: 100, 9: level})


PROFILES: Final[dict[str, Profile]] = {
    "core": _core,
    "access": _access,
    "router": _router,
    "firewall": _firewall,
    "linux": _linux,
    "windows": _windows,
    "ups": _ups,
    "ap": _ap,
    "printer": _printer,
}
