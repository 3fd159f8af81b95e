"""What discovery found in one device, and which points of it can be polled."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from probes.snmp.points import Expression, Point

# A sensor's class, in the unit of its class, is this metric; a class that is not named is no metric.
SENSOR_METRICS = {
    "temperature": "temperature",
    "fanspeed": "fan",
    "voltage": "voltage",
    "current": "current",
    "power": "power",
    "humidity": "humidity",
    "frequency": "frequency",
    "dbm": "optical.power",
    "load": "load",
    "charge": "battery.charge",
    "runtime": "battery.runtime",
    "percent": "percent",
    "count": "sensor.count",
    "pressure": "pressure",
    "power_factor": "power.factor",
    "power_consumed": "energy",
    "airflow": "airflow",
    "waterflow": "waterflow",
    "cooling": "cooling",
    "signal": "signal",
    "state": "sensor.state",
}
LABELED = re.compile(r"([A-Z]:\\) Label:(.*?) *Serial Number [0-9a-f]+$")
SEVERITIES = ("ok", "warning", "critical", "unknown")


@dataclass(slots=True)
class Device:
    """Identity: `os` and `type` are short names out of the vendor data, the rest as the device says it."""

    os: str | None = None
    os_text: str | None = None
    vendor: str | None = None
    type: str | None = None
    sysObjectID: str | None = None
    sysName: str | None = None
    sysDescr: str | None = None
    hardware: str | None = None
    version: str | None = None
    serial: str | None = None
    features: str | None = None
    location: str | None = None
    contact: str | None = None
    uptime: float | None = None


@dataclass(slots=True)
class Port:
    """An interface (IF-MIB). Speed in bit/s; `ifPhysAddress` twelve hex digits."""

    ifIndex: int
    ifName: str | None = None
    ifDescr: str | None = None
    ifAlias: str | None = None
    ifSpeed: int | None = None
    ifType: str | None = None
    ifOperStatus: str | None = None
    ifAdminStatus: str | None = None
    ifPhysAddress: str | None = None
    ifMtu: int | None = None
    ifDuplex: str | None = None


@dataclass(slots=True)
class Processor:
    """A core or CPU; usage in percent."""

    descr: str
    usage: float
    index: str
    oid: str
    read: Expression


@dataclass(slots=True)
class Mempool:
    """A pool of memory in bytes; where the device gives a percentage alone, the bytes are None."""

    descr: str
    index: str
    cls: str
    total: float | None
    used: float | None
    free: float | None
    perc: float | None
    read_used: Expression | None = None
    read_total: Expression | None = None
    read_usage: Expression | None = None


@dataclass(slots=True)
class Storage:
    """A file system or disk in bytes."""

    descr: str
    index: str
    type: str
    size: float | None
    used: float | None
    free: float | None
    perc: float | None
    read_used: Expression | None = None
    read_size: Expression | None = None
    read_usage: Expression | None = None


@dataclass(slots=True)
class Sensor:
    """A measurement in the unit of its class; of class state the raw integer, its meaning in Found.states.

    `read_words`: the device answers with these words, which stand for such numbers.
    """

    cls: str
    descr: str
    value: float
    oid: str
    index: str
    read: Expression
    group: str | None = None
    read_words: dict[str, int] = field(default_factory=dict)
    state_name: str | None = None
    high: float | None = None
    high_warn: float | None = None
    low: float | None = None
    low_warn: float | None = None


@dataclass(slots=True)
class Supply:
    """A printer's toner, drum, waste box … (Printer-MIB); percent left (of a receptacle: room left)."""

    descr: str
    type: str
    index: str
    oid: str
    capacity: float | None
    percent: float
    read: Expression


@dataclass(slots=True)
class Vlan:
    """A VLAN that the device knows."""

    vlan: int
    name: str = ""
    domain: int = 1


@dataclass(slots=True)
class Link:
    """A neighbor on a local port."""

    protocol: str
    local_ifName: str
    local_ifDescr: str
    remote_hostname: str
    remote_port: str = ""
    remote_version: str = ""


@dataclass(slots=True)
class BgpPeer:
    """A BGP neighbor."""

    peer: str
    remote_as: int
    state: str
    admin: str = ""
    local_addr: str = ""
    local_as: int | None = None


@dataclass(slots=True)
class Address:
    """An IP address with its prefix length on an interface."""

    address: str
    prefixlen: int
    ifIndex: int | None = None


@dataclass(slots=True)
class Part:
    """A physical part (ENTITY-MIB)."""

    index: int
    parent: int = 0
    cls: str = ""
    name: str = ""
    descr: str = ""
    model: str = ""
    serial: str = ""
    mfg: str = ""
    hw: str = ""
    fw: str = ""
    sw: str = ""


@dataclass(slots=True)
class Wireless:
    """A value of a radio, or the number of clients or access points."""

    cls: str
    descr: str
    value: float
    index: str
    oids: list[str]
    read: Expression


@dataclass(slots=True)
class State:
    """The meaning of one raw value of a state: generic is 0 ok, 1 warning, 2 critical, 3 unknown."""

    descr: str
    generic: int


@dataclass(slots=True)
class Found:
    """All that discovery read. `problems` are MIBs that could not be read, one clear line each."""

    device: Device = field(default_factory=Device)
    ports: list[Port] = field(default_factory=list)
    processors: list[Processor] = field(default_factory=list)
    mempools: list[Mempool] = field(default_factory=list)
    storage: list[Storage] = field(default_factory=list)
    sensors: list[Sensor] = field(default_factory=list)
    states: dict[str, dict[str, State]] = field(default_factory=dict)
    supplies: list[Supply] = field(default_factory=list)
    vlans: list[Vlan] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    bgp_peers: list[BgpPeer] = field(default_factory=list)
    ipv4: list[Address] = field(default_factory=list)
    ipv6: list[Address] = field(default_factory=list)
    inventory: list[Part] = field(default_factory=list)
    wireless: list[Wireless] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `cls` of a record is called class, what was not found is left out."""
        data = {item.name: _plain(getattr(self, item.name)) for item in fields(self)}
        return {name: value for name, value in data.items() if value}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return _record(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _record(value: Any) -> dict[str, Any]:
    renamed = {"cls": "cls" if isinstance(value, Mempool) else "class"}
    return {
        renamed.get(name, name): _plain(item)
        for name, item in asdict(value).items()
        if not name.startswith("read") and item is not None
    }


def points(found: Found) -> list[Point]:
    """Everything in `found` that can be polled by GET; instances of a metric are unique."""
    return _unique([*_load(found), *_space(found), *_sensors(found)])


def _load(found: Found) -> Iterator[Point]:
    cores = found.processors
    if cores:
        yield Point.of(_mean([core.read for core in cores]), "cpu.usage", "")
    if len(cores) > 1:
        for core in cores:
            yield Point.of(core.read, "cpu.core.usage", f"{core.descr} {core.index}")


def _mean(reads: list[Expression]) -> Expression:
    count = len(reads)
    terms = tuple((oid, factor / count) for read in reads for oid, factor in read.terms)
    return Expression(terms, (), sum(read.base for read in reads) / count)


def _space(found: Found) -> Iterator[Point]:
    for pool in found.mempools:
        name = "swap" if pool.cls == "swap" else "memory"
        instance = "" if pool is _main_memory(found.mempools) or pool.cls == "swap" else pool.descr
        yield from _triple(name, instance, pool.read_used, pool.read_total, pool.read_usage)
    for disk in found.storage:
        yield from _triple("disk", mount_name(disk.descr), disk.read_used, disk.read_size, disk.read_usage)


def mount_name(descr: str) -> str:
    """What people call a disk: some agents say "D:\\ Label:Data  Serial Number 1234abcd" of "D:\\ Data"."""
    volume = LABELED.match(descr)
    return " ".join(filter(None, volume.groups())) if volume else descr


def _main_memory(pools: list[Mempool]) -> Mempool | None:
    """The pool that stands for the device: the first of class system, else the only one."""
    system = [pool for pool in pools if pool.cls == "system"]
    return system[0] if system else (pools[0] if len(pools) == 1 else None)


def _triple(
    name: str, instance: str, used: Expression | None, total: Expression | None, usage: Expression | None
) -> Iterator[Point]:
    for part, read in (("used", used), ("total", total), ("usage", usage)):
        if read is not None:
            yield Point.of(read, f"{name}.{part}", instance)


def _sensors(found: Found) -> Iterator[Point]:
    for sensor in found.sensors:
        metric = SENSOR_METRICS.get(sensor.cls)
        severities = _severities(found, sensor)
        if sensor.cls == "state":
            if severities:
                yield Point.of(sensor.read, "sensor.state", _label(sensor), severities)
        elif metric and not sensor.read_words:
            yield Point.of(sensor.read, metric, _label(sensor))
    for supply in found.supplies:
        yield Point.of(supply.read, "supply.level", supply.descr)


def _label(sensor: Sensor) -> str:
    return f"{sensor.group} {sensor.descr}" if sensor.group else sensor.descr


def _severities(found: Found, sensor: Sensor) -> dict[str, int]:
    meanings = found.states.get(sensor.state_name or "", {})
    known = {raw: state.generic for raw, state in meanings.items() if state.generic < 3}
    words = {word: known[str(raw)] for word, raw in sensor.read_words.items() if str(raw) in known}
    return words if sensor.read_words else known


def _unique(items: Iterable[Point]) -> list[Point]:
    result: list[Point] = []
    seen: Counter[tuple[str, str]] = Counter()
    for item in items:
        key = (item.metric, item.instance)
        seen[key] += 1
        if seen[key] > 1:
            item = _renamed(item, f"{item.instance}#{seen[key]}")
        result.append(item)
    return result


def _renamed(item: Point, instance: str) -> Point:
    data = item.to_list()
    data[2] = instance
    return Point.from_list(data)
