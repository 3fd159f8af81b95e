"""The inventory from folders that look like machines of other makers and systems."""

from pathlib import Path

import pytest

from agent import inventory
from agent.inventory import hardware, interfaces, operating_system, packages, people, storage, units

DPKG = """\
Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b7
Source: bash (5.2.15-2)
Description: GNU Bourne Again SHell
 Version: not this one
Conffiles:
 /etc/x 123

Package: old
Status: deinstall ok config-files
Version: 1.0

Package: held
Status: hold ok installed
Version: 2.0
Architecture: all
"""
APK = "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nP:libcrypto3\nV:3.1.4-r1\nA:x86_64\no:openssl\n"
PACMAN = "%NAME%\ngcc-libs\n\n%VERSION%\n13.2.1-3\n\n%BASE%\ngcc\n\n%ARCH%\nx86_64\n"
RPM = "openssl-libs\t1:3.0.7-24.el9\tx86_64\topenssl-3.0.7-24.el9.src.rpm\ngpg-pubkey\t1-2\t(none)\t(none)\n"


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_packages_of_debian() -> None:
    found = list(packages.dpkg(DPKG.splitlines(keepends=True)))
    assert [(item["name"], item["version"], item["origin"]) for item in found] == [
        ("bash", "5.2.15-2+b7", "bash"),
        ("held", "2.0", "held"),
    ]


def test_packages_of_others() -> None:
    assert [item["origin"] for item in packages.apk(APK.splitlines(keepends=True))] == ["musl", "openssl"]
    (gcc,) = packages.pacman([PACMAN])
    assert gcc == {
        "name": "gcc-libs",
        "version": "13.2.1-3",
        "arch": "x86_64",
        "source": "pacman",
        "origin": "gcc",
    }
    (openssl,) = packages.rpm(RPM)
    assert (openssl["version"], openssl["origin"]) == ("1:3.0.7-24.el9", "openssl")


def test_packages_of_all_managers_sorted(tmp_path: Path) -> None:
    write(tmp_path, packages.DPKG, DPKG)
    write(tmp_path, packages.APK, APK)
    write(tmp_path, f"{packages.PACMAN}/gcc-libs-13/desc", PACMAN)
    names = [item["name"] for item in packages.read(tmp_path)]
    assert names == ["bash", "gcc-libs", "held", "libcrypto3", "musl"]
    assert packages.read(tmp_path / "empty") == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Dell Inc.", "Dell Inc."),
        ("To Be Filled By O.E.M.", ""),
        ("Default string", ""),
        ("System Serial Number", ""),
        ("0000000", ""),
        ("None", ""),
        ("VMware-56 4d", "VMware-56 4d"),
    ],
)
def test_what_makers_did_not_fill_is_nothing(text: str, kept: str) -> None:
    assert hardware.known(text) == kept


def test_hardware(tmp_path: Path) -> None:
    dmi = hardware.DMI.as_posix()
    write(tmp_path, f"{dmi}/sys_vendor", "Default string\n")
    write(tmp_path, f"{dmi}/board_vendor", "ASRock\n")
    write(tmp_path, f"{dmi}/product_serial", "XY12\n")
    write(tmp_path, "sys/firmware/devicetree/base/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    write(tmp_path, "proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD  EPYC 7B13\n\nmodel name\t: other\n")
    found = hardware.read(tmp_path)
    assert found["vendor"] == "ASRock"
    assert found["serial"] == "XY12"
    assert found["model"] == "Raspberry Pi 5 Model B Rev 1.0"
    assert found["cpu"] == "AMD EPYC 7B13"
    assert found["memory"] > 0 < found["cores"]


def test_operating_system(tmp_path: Path) -> None:
    release = (
        'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\nID=debian\n# x=y\nBROKEN="\n'
    )
    write(tmp_path, "etc/os-release", release)
    found = operating_system.read(tmp_path)
    assert (found["name"], found["version"], found["id"]) == ("Debian GNU/Linux", "12", "debian")
    assert operating_system.title(tmp_path) == "Debian 12"
    assert operating_system.read(tmp_path / "none")["name"] == "Linux"


@pytest.mark.parametrize(
    ("address", "netmask", "written"),
    [
        ("10.0.0.1", "255.255.255.0", "10.0.0.1/24"),
        ("10.0.0.1", None, "10.0.0.1/32"),
        ("fe80::1%eth0", "ffff:ffff:ffff:ffff::", "fe80::1/64"),
        ("fe80::1%eth0", "ffff:ffff:ffff:ffff::%eth0", "fe80::1/64"),
        ("nonsense", None, ""),
    ],
)
def test_addresses_with_prefix(address: str, netmask: str | None, written: str) -> None:
    assert interfaces.with_prefix(address, netmask) == written


def test_people_are_not_daemons() -> None:
    passwd = (
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n"
        "ann:x:1000:1000:Ann Lee,Room 1,,:/home/ann:/bin/zsh\nsvc:x:1001:1001::/:/sbin/nologin\n"
        "nobody:x:65534:65534::/:/bin/sh\ndamaged line\n"
    )
    assert people.parse(passwd) == [
        {"name": "ann", "uid": 1000, "full_name": "Ann Lee", "home": "/home/ann", "shell": "/bin/zsh"}
    ]


def test_disks(tmp_path: Path) -> None:
    write(tmp_path, "sys/block/sda/size", "2048\n")
    write(tmp_path, "sys/block/sda/device/model", "Samsung SSD\n")
    write(tmp_path, "sys/block/sda/queue/rotational", "0\n")
    write(tmp_path, "sys/block/loop0/size", "99\n")
    write(tmp_path, "sys/block/sdb/size", "0\n")  # a card reader without a card
    (disk,) = storage.read(tmp_path)
    assert (disk["name"], disk["size"], disk["model"], disk["rotational"]) == (
        "sda",
        1048576,
        "Samsung SSD",
        False,
    )


def test_units_that_start_with_the_machine() -> None:
    text = "ssh.service enabled enabled\ncron.service enabled enabled\n\n"
    assert [unit["name"] for unit in units.parse(text)] == ["cron", "ssh"]


def test_a_part_that_fails_hides_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(root: Path) -> None:
        raise OSError("damaged")

    monkeypatch.setitem(inventory.PARTS, "packages", fail)
    found, errors = inventory.read()
    assert errors == {"packages": "OSError: damaged"}
    assert "packages" not in found
    assert found["os"]["kernel"]


def test_the_same_machine_has_the_same_digest(tmp_path: Path) -> None:
    first, second = (inventory.text(inventory.read()[0]) for _ in range(2))
    assert inventory.digest(first) == inventory.digest(second)
    assert inventory.digest(b"{}") != inventory.digest(first)


def test_the_signature_follows_the_package_database(tmp_path: Path) -> None:
    before = inventory.signature(tmp_path)
    write(tmp_path, packages.DPKG, DPKG)
    assert inventory.signature(tmp_path) != before
    assert inventory.signature(tmp_path) == inventory.signature(tmp_path)
