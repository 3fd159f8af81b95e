"""Which operating system a device runs, by the vendor data; and its facts: hardware, version, serial."""

import re
from collections.abc import Iterable, Mapping, Sequence

from probes.snmp.discovery.entity import chassis
from probes.snmp.discovery.reader import Reader, text
from probes.snmp.discovery.rows import fill
from probes.snmp.found import Device, Part
from probes.snmp.values import Value
from probes.vendors.loader import Registry
from probes.vendors.model import Probe, Source, System, Vendor

Match = tuple[Vendor, System]
FACTS = ("hardware", "version", "serial", "features")
ENTITY_DEFAULTS = {"hardware": ("model",), "version": ("sw", "fw"), "serial": ("serial",)}


def below(prefix: str, oid: str) -> bool:
    """True when `oid` is `prefix` or lies below it."""
    return oid == prefix or oid.startswith(f"{prefix}.")


async def identify(reader: Reader, device: Device, registry: Registry) -> Match | None:
    """The system that matches best: longest prefix, then most conditions, then order in its file."""
    candidates = sorted(_candidates(device, registry), key=lambda item: item[0], reverse=True)
    probes = [system.probe.oid for _, (_, system) in candidates if system.probe]
    await reader.get(oid for oid in probes if oid.endswith(".0"))
    for _, match in candidates:
        if match[1].probe is None or await _answers(reader, match[1].probe):
            return match
    return None


def _candidates(device: Device, registry: Registry) -> Iterable[tuple[tuple[int, int, int], Match]]:
    oid, descr = device.sysObjectID or "", device.sysDescr or ""
    for vendor in registry.vendors.values():
        for order, system in enumerate(vendor.systems):
            if system.descr and not re.search(system.descr, descr, re.DOTALL):
                continue
            prefixes = (*system.objects, *system.guest)
            lengths = [prefix.count(".") + 1 for prefix in prefixes if below(prefix, oid)]
            if lengths or not prefixes:
                conditions = bool(system.descr) + 2 * bool(system.probe)
                yield (max(lengths, default=0), conditions, -order), (vendor, system)


async def _answers(reader: Reader, probe: Probe) -> bool:
    values = await reader.column(probe.oid)
    return any(re.search(probe.pattern, text(value), re.DOTALL) for value in values.values())


async def read_facts(reader: Reader, device: Device, system: System, parts: list[Part]) -> None:
    """Fill `device` from the system's sources; what has none comes from the ENTITY-MIB's chassis."""
    teller = Teller(reader, device, system, parts)
    await reader.get(_scalars(system))
    for fact in FACTS:
        value = await teller.first(getattr(system, fact))
        if not value and not getattr(system, fact):
            value = next(
                filter(None, (chassis(parts, column) for column in ENTITY_DEFAULTS.get(fact, ()))), ""
            )
        setattr(device, fact, value or None)
    device.sysName = await teller.first(system.name) or device.sysName


def _scalars(system: System) -> Iterable[str]:
    for fact in (*FACTS, "name"):
        for source in getattr(system, fact):
            yield from (oid for oid in (source.oid, *source.oids.values()) if oid.endswith(".0"))


class Teller:
    """Evaluates sources of facts for one device."""

    def __init__(self, reader: Reader, device: Device, system: System, parts: list[Part]) -> None:
        self._reader = reader
        self._device = device
        self._prefixes = (*system.objects, *system.guest)
        self._parts = parts

    async def first(self, sources: Sequence[Source]) -> str:
        """The first of `sources` that says anything; else empty."""
        for source in sources:
            value = await self._tell(source)
            if value:
                return value
        return ""

    async def _tell(self, source: Source) -> str:
        if source.oids:
            return await self._joined(source)
        pattern = source.pattern
        if source.descr:
            raw, pattern = self._device.sysDescr or "", source.descr
        elif source.object:
            raw = self._model(source.object)
        elif source.entity:
            raw = chassis(self._parts, source.entity)
        elif source.oid:
            raw = await self._value(source.oid)
        else:
            raw = source.text
        return _shape(raw, pattern, source)

    async def _joined(self, source: Source) -> str:
        values = {name: await self._value(oid) for name, oid in source.oids.items()}
        if not all(values.values()):
            return ""
        return _shape(fill(source.format, values), source.pattern, Source(map=source.map))

    async def _value(self, oid: str) -> str:
        values = await self._reader.column(oid)
        return next(filter(None, (_worthy(value) for value in values.values())), "")

    def _model(self, names: Mapping[str, str]) -> str:
        oid = self._device.sysObjectID or ""
        for prefix in sorted(self._prefixes, key=len, reverse=True):
            if below(prefix, oid) and oid[len(prefix) + 1 :] in names:
                return names[oid[len(prefix) + 1 :]]
        return ""


def _worthy(value: Value) -> str:
    """A value's text, if it says anything at all."""
    found = text(value)
    return "" if found.lower() in ("n/a", "na", "none", "null", "unknown", "not available", "-") else found


def _shape(raw: str, pattern: str, source: Source) -> str:
    value = raw
    if pattern:
        match = re.search(pattern, raw, re.DOTALL)
        if not match:
            return ""
        if source.format:
            value = fill(source.format, {name: part or "" for name, part in match.groupdict().items()})
        else:
            value = (match.group(1) if match.re.groups else match.group()) or ""
    elif source.format and raw:
        value = fill(source.format, {"value": raw})
    value = source.map.get(value, "") if source.map else value
    return " ".join(value.split())
