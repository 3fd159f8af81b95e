"""What exists and how it depends on one another."""

from inventory.models.device import Device, Interface, IPAddress
from inventory.models.kind import DeviceRole, DeviceType, Manufacturer, Platform
from inventory.models.place import Location, Site
from inventory.models.service import Dependency, Service

__all__ = [
    "Dependency",
    "Device",
    "DeviceRole",
    "DeviceType",
    "IPAddress",
    "Interface",
    "Location",
    "Manufacturer",
    "Platform",
    "Service",
    "Site",
]
