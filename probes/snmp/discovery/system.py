"""SNMPv2-MIB, system group (RFC 3418): who the device says it is."""

from probes.snmp.discovery.reader import Reader, integer, text
from probes.snmp.found import Device

DESCR, OBJECT, UPTIME, CONTACT, NAME, LOCATION = (f"1.3.6.1.2.1.1.{part}.0" for part in range(1, 7))


async def read_system(reader: Reader) -> Device:
    """The system group; `uptime` in seconds, since the agent rather than the host started."""
    values = await reader.get([DESCR, OBJECT, UPTIME, CONTACT, NAME, LOCATION])
    ticks = integer(values.get(UPTIME), -1)
    return Device(
        sysDescr=text(values.get(DESCR)) or None,
        sysObjectID=text(values.get(OBJECT)).lstrip(".") or None,
        sysName=text(values.get(NAME)) or None,
        contact=text(values.get(CONTACT)) or None,
        location=text(values.get(LOCATION)) or None,
        uptime=ticks / 100 if ticks >= 0 else None,
    )
