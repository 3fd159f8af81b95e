"""Vendor data: it identifies, names its facts, reads its tables; a mistake in a file says where it is."""

import asyncio
import re
from pathlib import Path

import pytest

import probes.vendors
from probes.snmp.discover import discover
from probes.snmp.found import Found
from probes.snmp.values import Value
from probes.vendors.loader import VendorError, load, registry
from tests.probes.walk_client import WalkClient

E = "1.3.6.1.4.1"
NETSNMP = f"{E}.8072.3.2.10"
DESCR, OBJECT = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
DEVICES: list[tuple[str, str, dict[str, Value], tuple[str | None, ...]]] = [
    (
        NETSNMP,
        "Linux web1 6.1.0-18-amd64 #1 SMP x86_64",
        {},
        ("linux", "Generic x86 64-bit", "6.1.0-18-amd64", None),
    ),
    (
        NETSNMP,
        "Linux nas 4.4.302+ #64570 SMP x86_64",
        {f"{E}.6574.1.5.1.0": b"DS920+", f"{E}.6574.1.5.2.0": b"2040", f"{E}.6574.1.5.3.0": b"DSM 7.2-64570"},
        ("dsm", "DS920+", "7.2-64570", "2040"),
    ),
    (
        f"{E}.9.1.2494",
        "Cisco IOS Software [Bengaluru], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.6.5, R",
        {f"{ENTITY}.5.1": 3, f"{ENTITY}.13.1": b"C9300-48P", f"{ENTITY}.11.1": b"FCW1"},
        ("iosxe", "C9300-48P", "17.6.5", "FCW1"),
    ),
    (
        f"{E}.9.1.1208",
        "Cisco IOS Software, C2960S Software, Version 15.2(2)E6, RELEASE",
        {},
        ("ios", None, "15.2(2)E6", None),
    ),
    (
        f"{E}.2636.1.1.1.2.29",
        "Juniper Networks, Inc. mx240 internet router, kernel JUNOS 21.4R3.15, Build",
        {},
        ("junos", "mx240", "21.4R3.15", None),
    ),
    (
        f"{E}.318.1.3.27",
        "APC Web/SNMP Management Card (MB:v4.1 PF:v6.8.2 PN:x.bin AF1:v6.8.0 AN1:y.bin SN: ZA12 (x))",
        {},
        ("apc", "Web/SNMP Management Card", "AOS v6.8.2 / App v6.8.0", "ZA12"),
    ),
    (
        f"{E}.12356.101.1.1002",
        "edge",
        {f"{E}.12356.101.4.1.1.0": b"v7.4.1,build2463", f"{E}.12356.100.1.1.1.0": b"FG1"},
        ("fortigate", None, "v7.4.1,build2463", "FG1"),
    ),
    (
        f"{E}.14988.1",
        "RouterOS CCR2004-16G-2S+",
        {f"{E}.14988.1.1.4.4.0": b"7.13"},
        ("routeros", "CCR2004-16G-2S+", "7.13", None),
    ),
    (
        f"{E}.311.1.1.3.1.2",
        "Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 20348 Multiprocessor)",
        {},
        ("windows", "Intel x64", "Server 2022 (21H2)", None),
    ),
    (f"{E}.99999.1", "nobody knows", {}, (None, None, None, None)),
]


def found(object_id: str, descr: str, walk: dict[str, Value], folder: Path | None = None) -> Found:
    full = {OBJECT: object_id, DESCR: descr.encode(), **walk}
    return asyncio.run(discover(WalkClient(full), load(folder) if folder else None))


@pytest.mark.parametrize(("object_id", "descr", "walk", "expected"), DEVICES)
def test_identity(
    object_id: str, descr: str, walk: dict[str, Value], expected: tuple[str | None, ...]
) -> None:
    device = found(object_id, descr, walk).device
    assert (device.os, device.hardware, device.version, device.serial) == expected


MINIMAL = """
name = "Acme"
root = "1.3.6.1.4.1.99999"
processors = [
  { value = ".2.1", descr = "Core {0}" },
  { value = ".2.9.0", idle = true, descr = "All", otherwise = true },
]
mempools = [{ total = ".3.1.0", free = ".3.2.0", unit = 1024, descr = "Memory" }]
sensors = [
  { class = "temperature", value = ".4.1", scale = 0.1, columns = { name = ".4.2", on = ".4.3" }, only = { on = ["1"] }, skip = [-1], descr = "{name} of slot {0}" },
  { class = "state", states = "door", value = ".5.0", map = { shut = 1, open = 2 }, descr = "Door" },
  { class_from = "1", classes = { 1 = "voltage", 2 = "current*0.001" }, value = ".6", digits = "digits", columns = { digits = ".7" }, descr = "{label}" },
]
[[system]]
os = "acmeos"
text = "Acme OS"
type = "network"
objects = ["1.3.6.1.4.1.99999.1"]
hardware = [{ oids = { model = ".8.1.0", revision = ".8.2.0" }, format = "{model} rev {revision}" }, { object = { 5 = "A5" } }]
version = [{ descr = 'v(?P<major>\\d+)\\.(?P<minor>\\d+)', format = "{major}-{minor}" }]
[states.door]
1 = ["shut", "ok"]
2 = ["open", "warning"]
"""  # noqa: E501
A = f"{E}.99999"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.toml").write_text(MINIMAL)
    return tmp_path


def test_tables_of_a_file(folder: Path) -> None:
    walk: dict[str, Value] = {
        f"{A}.2.1.4": 35,
        f"{A}.2.1.5": 101,
        f"{A}.2.9.0": 90,
        f"{A}.3.1.0": 8,
        f"{A}.3.2.0": 6,
        f"{A}.4.1.7": 421,
        f"{A}.4.2.7": b"Board",
        f"{A}.4.3.7": 1,
        f"{A}.4.1.8": -1,
        f"{A}.4.3.8": 1,
        f"{A}.4.1.9": 9,
        f"{A}.5.0": b"open",
        f"{A}.6.65.1": 1201,
        f"{A}.6.66.2": 1500,
        f"{A}.7.65": 2,
        f"{A}.7.66": 0,
    }
    all_found = found(f"{A}.1.5", "Acme v4.2", walk, folder)
    assert [(core.descr, core.usage) for core in all_found.processors] == [("Core 4", 35)]
    assert [(pool.used, pool.perc) for pool in all_found.mempools] == [(2048, 25.0)]
    sensors = [(sensor.cls, sensor.descr, pytest.approx(sensor.value)) for sensor in all_found.sensors]
    assert sensors == [
        ("temperature", "Board of slot 7", 42.1),
        ("state", "Door", 2),
        ("voltage", "A", 12.01),
        ("current", "B", 1.5),
    ]
    assert (all_found.device.hardware, all_found.device.version) == ("A5", "4-2")


def test_a_table_stands_in_for_one_that_is_empty(folder: Path) -> None:
    (core,) = found(f"{A}.1", "", {f"{A}.2.9.0": 90}, folder).processors
    assert (core.descr, core.usage) == ("All", 10)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('type = "network"', 'typ = "network"', "acme.toml: system[0]: typ: no such key"),
        ('text = "Acme OS"', "", "acme.toml: system[0]: text: is missing"),
        ("scale = 0.1", 'scale = "0.1"', "acme.toml: sensors[0]: scale: must be float"),
        ('value = ".4.1"', 'value = "4.x"', "acme.toml: sensors[0]: value: '4.x' is no OID"),
        ("(?P<minor>", "(?P<minor", "acme.toml: system[0]: version[0]: descr: "),
        ('states = "door"', 'states = "gate"', "acme.toml: sensors[1]: states: 'gate' is not among"),
        (
            '2 = ["open", "warning"]',
            '2 = ["open", "bad"]',
            'acme.toml: states.door.2: must be ["text", one of ok',
        ),
        ("only = { on", "only = { off", "acme.toml: sensors[0]: off: is no name in columns"),
        ('class_from = "1", ', "", "acme.toml: sensors[2]: class: exactly one of"),
        (
            "{ object = { 5",
            '{ text = "x", object = { 5',
            "acme.toml: systems acmeos: a source needs exactly one",
        ),
        ('objects = ["1.3.6.1.4.1.99999.1"]', "", "acme.toml: systems acmeos: objects: one of"),
        (
            'objects = ["1.3.6.1.4.1.99999.1"]',
            'guest = ["1.3.6.1"]',
            "acme.toml: systems acmeos: guest: needs descr",
        ),
        (
            "unit = 1024",
            'unit = 1024, systems = ["beta"]',
            "acme.toml: mempools[0]: systems: beta is no system",
        ),
        ('name = "Acme"', "name = Acme", "acme.toml: "),
    ],
)
def test_a_mistake_names_file_and_key(folder: Path, old: str, new: str, message: str) -> None:
    text = MINIMAL.replace(old, new, 1)
    assert text != MINIMAL
    (folder / "acme.toml").write_text(text)
    with pytest.raises(VendorError) as caught:
        load(folder)
    assert str(caught.value).startswith(message)


def test_two_files_cannot_claim_one_prefix(folder: Path) -> None:
    (folder / "zeta.toml").write_text(MINIMAL)
    with pytest.raises(
        VendorError, match=re.escape("zeta.toml: objects: 1.3.6.1.4.1.99999.1 is claimed by acme.toml")
    ):
        load(folder)


def test_no_vendor_is_named_in_code() -> None:
    names = {system.os for vendor in registry().vendors.values() for system in vendor.systems}
    names |= set(registry().vendors) - {"standard"}
    words = re.compile(rf"\b({'|'.join(sorted(map(re.escape, names)))})\b", re.IGNORECASE)
    root = Path(probes.vendors.__file__).parent.parent
    code = [*root.glob("snmp/discover*.py"), *root.glob("snmp/discovery/*.py"), *root.glob("vendors/*.py")]
    named = {path.name: words.findall(path.read_text()) for path in [*code, root / "snmp/found.py"]}
    assert {name: hits for name, hits in named.items() if hits} == {}


def test_states_of_the_product_have_meanings() -> None:
    for vendor in registry().vendors.values():
        for table in vendor.sensors:
            assert table.cls != "state" or vendor.states[table.states], (
                f"{vendor.file}: {table.states} is empty"
            )
