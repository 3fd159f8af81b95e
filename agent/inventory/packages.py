"""Installed packages, from the package managers' own databases: dpkg, apk, pacman; rpm by its program.

`source` is the manager, `origin` the source package by which advisories name it.
"""

import shutil
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from agent.command import output

DPKG = "var/lib/dpkg/status"
APK = "lib/apk/db/installed"
PACMAN = "var/lib/pacman/local"
RPM = ("usr/lib/sysimage/rpm", "var/lib/rpm")
DATABASES = (DPKG, APK, PACMAN, *(f"{folder}/rpmdb.sqlite" for folder in RPM), "var/lib/rpm/Packages")
QUERY = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n"

Package = dict[str, str]


def package(name: str, version: str, arch: str, source: str, origin: str = "") -> Package:
    return {"name": name, "version": version, "arch": arch, "source": source, "origin": origin or name}


def stanzas(lines: Iterable[str], separator: str) -> Iterator[dict[str, str]]:
    """Blocks of "Key<separator>value" lines between empty lines; continued lines are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line == "\n" or not line:
            if fields:
                yield fields
            fields = {}
        elif not line[0].isspace():
            key, found, value = line.rstrip("\n").partition(separator)
            if found and key not in fields:
                fields[key] = value.strip()
    if fields:
        yield fields


def dpkg(lines: Iterable[str]) -> Iterator[Package]:
    """/var/lib/dpkg/status: what is installed, not what left its configuration behind."""
    for fields in stanzas(lines, ":"):
        if fields.get("Status", "").endswith(" installed") and "Package" in fields:
            origin = fields.get("Source", "").partition(" ")[0]
            version, arch = fields.get("Version", ""), fields.get("Architecture", "")
            yield package(fields["Package"], version, arch, "dpkg", origin)


def apk(lines: Iterable[str]) -> Iterator[Package]:
    """/lib/apk/db/installed of Alpine."""
    for fields in stanzas(lines, ":"):
        if "P" in fields:
            origin = fields.get("o", "")
            yield package(fields["P"], fields.get("V", ""), fields.get("A", ""), "apk", origin)


def pacman(texts: Iterable[str]) -> Iterator[Package]:
    """The `desc` files of Arch's local database: %KEY%, then the value on the next line."""
    for text in texts:
        lines = text.splitlines()
        fields = {key: value for key, value in pairwise(lines) if key.startswith("%")}
        if name := fields.get("%NAME%"):
            version, arch = fields.get("%VERSION%", ""), fields.get("%ARCH%", "")
            yield package(name, version, arch, "pacman", fields.get("%BASE%", ""))


def rpm(text: str) -> Iterator[Package]:
    """What `rpm -qa --qf QUERY` prints; keys of signatures are no packages."""
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) == 4 and fields[0] != "gpg-pubkey":
            name, version, arch, source = fields
            origin = source.removesuffix(".src.rpm").rsplit("-", 2)[0] if source != "(none)" else ""
            yield package(name, version, arch, "rpm", origin)


def read(root: Path) -> list[Package]:
    """Of every manager that is here, sorted. Raises OSError, CommandFailed: half a list would be a lie."""
    found: list[Package] = []
    for path, parse in ((DPKG, dpkg), (APK, apk)):
        if (root / path).is_file():
            with (root / path).open(encoding="utf-8", errors="replace") as lines:
                found += parse(lines)
    if (root / PACMAN).is_dir():
        descriptions = (root / PACMAN).glob("*/desc")
        found += pacman(path.read_text(encoding="utf-8", errors="replace") for path in descriptions)
    if any((root / folder).is_dir() for folder in RPM) and (program := shutil.which("rpm")):
        found += rpm(output([program, "--root", str(root), "-qa", "--qf", QUERY], timeout=60.0))
    return sorted(found, key=lambda item: (item["name"], item["arch"], item["version"]))
