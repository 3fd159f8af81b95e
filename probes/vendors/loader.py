"""Reads and checks the vendor files. A mistake is a VendorError naming file and key, and stops the start."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from probes.snmp.found import SEVERITIES
from probes.vendors.model import Meaning, SensorTable, Source, System, Table, Vendor

FOLDER = Path(__file__).parent
OID = re.compile(r"\d+(\.\d+)+")
RELATIVE = re.compile(r"(\.\d+)+")
OID_KEYS = {
    "oid", "value", "used", "free", "total", "percent", "state", "remote_as", "peer", "local_as", "host",
    "local",
}  # fmt: skip
RENAMED = {"class": "cls", "system": "systems"}
PATTERNS = {"descr", "pattern"}
SOURCES = ("oid", "oids", "descr", "entity", "object", "text")


class VendorError(ValueError):
    """A vendor file is wrong; the text names the file and the key."""


@dataclass(frozen=True, slots=True)
class Registry:
    """All vendors, by file name."""

    vendors: Mapping[str, Vendor]

    def everywhere(self) -> list[Vendor]:
        """The vendors whose tables are tried on every device."""
        return [vendor for vendor in self.vendors.values() if vendor.everywhere]


@cache
def registry() -> Registry:
    """The vendors that come with the product, read and checked once."""
    return load(FOLDER)


def load(folder: Path) -> Registry:
    """Every *.toml in `folder`. Raises VendorError for a wrong file, or two that claim one prefix."""
    vendors = {path.stem: _file(path) for path in sorted(folder.glob("*.toml"))}
    owners: dict[str, str] = {}
    for vendor in vendors.values():
        for prefix in {prefix for system in vendor.systems for prefix in system.objects}:
            other = owners.setdefault(prefix, vendor.file)
            if other != vendor.file:
                raise VendorError(f"{vendor.file}: objects: {prefix} is claimed by {other} already")
    return Registry(vendors)


def _file(path: Path) -> Vendor:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VendorError(f"{path.name}: {error}") from error
    data = _rooted(data, str(data.get("root", "")))
    states = data.pop("states", {})
    vendor: Vendor = _build(Vendor, data | {"file": path.name}, path.name)
    vendor.states.update(_states(states, path.name))
    _check(vendor)
    return vendor


def _rooted(data: Any, root: str) -> Any:
    """`data` with every text that is an OID with a leading dot put below `root`."""
    if isinstance(data, dict):
        return {key: _rooted(value, root) for key, value in data.items()}
    if isinstance(data, list):
        return [_rooted(value, root) for value in data]
    return root + data if root and isinstance(data, str) and RELATIVE.fullmatch(data) else data


def _states(data: Any, where: str) -> dict[str, dict[str, Meaning]]:
    if not isinstance(data, dict):
        raise VendorError(f"{where}: states: must be a table of tables")
    return {name: _meanings(items, f"{where}: states.{name}") for name, items in data.items()}


def _meanings(items: Any, where: str) -> dict[str, Meaning]:
    result = {}
    for raw, pair in items.items() if isinstance(items, dict) else ():
        if not (isinstance(pair, list) and len(pair) == 2 and pair[1] in SEVERITIES):
            raise VendorError(f'{where}.{raw}: must be ["text", one of {", ".join(SEVERITIES)}]')
        result[raw] = Meaning(str(pair[0]), pair[1])
    return result


def _build(kind: Any, data: Any, where: str) -> Any:
    """An instance of dataclass `kind` out of `data`; wrong keys, types, OIDs and patterns are errors."""
    if not isinstance(data, dict):
        raise VendorError(f"{where}: must be a table")
    hints = get_type_hints(kind)
    values = {}
    for key, value in data.items():
        name = RENAMED.get(key, key)
        if name not in hints:
            raise VendorError(f"{where}: {key}: no such key; there are {', '.join(sorted(hints))}")
        values[name] = _convert(hints[name], value, f"{where}: {key}")
        _check_text(kind, name, values[name], f"{where}: {key}")
    for item in fields(kind):
        if item.name not in values and item.default is MISSING and item.default_factory is MISSING:
            raise VendorError(f"{where}: {item.name}: is missing")
    return kind(**values)


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union([arg for arg in args if arg is not NoneType], value, where)
    if origin is tuple:
        return _sequence(args[0], value, where)
    if origin is dict:
        if not isinstance(value, dict):
            raise VendorError(f"{where}: must be a table")
        return {key: _convert(args[1], item, f"{where}.{key}") for key, item in value.items()}
    if is_dataclass(hint):
        return _build(hint, value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is not Any and type(value) is not hint:
        raise VendorError(f"{where}: must be {hint.__name__}, not {value!r}")
    return value


def _union(kinds: list[Any], value: Any, where: str) -> Any:
    for kind in kinds[:-1]:
        if type(value) is kind or (kind is float and type(value) is int):
            return value
    return _convert(kinds[-1], value, where)


def _sequence(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    items = value if isinstance(value, list) else [value]
    if kind is str:
        items = [str(item) if type(item) in (int, float) else item for item in items]
    return tuple(_convert(kind, item, f"{where}[{number}]") for number, item in enumerate(items))


def _check_text(kind: Any, key: str, value: Any, where: str) -> None:
    for oid in _oids(kind, key, value):
        if not OID.fullmatch(oid):
            raise VendorError(f"{where}: {oid!r} is no OID (digits and dots, no leading dot)")
    if key in PATTERNS and isinstance(value, str) and not issubclass(kind, Table):
        _check_pattern(value, where)
    if issubclass(kind, Table) and key == "pattern":
        _check_pattern(value, where)


def _oids(kind: Any, key: str, value: Any) -> list[str]:
    if kind is System and key in ("objects", "guest"):
        return list(value)
    if key in ("columns", "oids") and isinstance(value, dict):
        return list(value.values())
    if key in ("name", "port", "version", "serial", "model") and issubclass(kind, Table):
        return [value] if value else []
    return [value] if key in OID_KEYS and isinstance(value, str) and value else []


def _check_pattern(pattern: str, where: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise VendorError(f"{where}: {error}") from error


def _check(vendor: Vendor) -> None:
    """What no single key shows."""
    names = {system.os for system in vendor.systems}
    for system in vendor.systems:
        where = f"{vendor.file}: systems {system.os}"
        if not (system.objects or system.guest or system.descr or system.probe):
            raise VendorError(f"{where}: objects: one of objects, guest, descr, probe is needed")
        if system.guest and not (system.descr or system.probe):
            raise VendorError(f"{where}: guest: needs descr or probe, too")
        for source in (*system.hardware, *system.version, *system.serial, *system.features, *system.name):
            _check_source(source, where)
    for key in ("processors", "mempools", "storage", "sensors", "wireless", "vlans", "links", "inventory"):
        for number, table in enumerate(getattr(vendor, key)):
            where = f"{vendor.file}: {key}[{number}]"
            for name in set(table.systems) - names:
                raise VendorError(f"{where}: systems: {name} is no system of this file")
            _check_table(vendor, table, where)


def _check_source(source: Source, where: str) -> None:
    if sum(bool(getattr(source, name)) for name in SOURCES) != 1:
        raise VendorError(f"{where}: a source needs exactly one of {', '.join(SOURCES)}")


def _check_table(vendor: Vendor, table: Table, where: str) -> None:
    known = set(table.columns)
    used = {name for name in (*table.only, *table.unless) if not name.isdigit()} | set(table.join)
    used |= {name for name in (*table.match, *table.mismatch) if name not in ("entity", "port", "label")}
    for pattern in (*table.match.values(), *table.mismatch.values()):
        _check_pattern(pattern, f"{where}: match")
    if isinstance(table, SensorTable):
        used |= {name for name in (table.class_from, table.digits, table.si) if name and not name.isdigit()}
        if bool(table.cls) == bool(table.class_from):
            raise VendorError(f"{where}: class: exactly one of class and class_from is needed")
        if table.cls == "state" and table.states not in vendor.states:
            raise VendorError(f"{where}: states: {table.states!r} is not among this file's states")
        if table.convert not in ("", "dbm"):
            raise VendorError(f"{where}: convert: must be dbm, not {table.convert!r}")
    for name in used - known - {"value"}:
        raise VendorError(f"{where}: {name}: is no name in columns")
