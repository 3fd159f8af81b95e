"""Devices, their interfaces and addresses: the things that everything else hangs on."""

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower, Upper

from core.history import tracked
from core.models import Credential, Item
from inventory.fields import Host, InetField
from inventory.models.kind import DeviceRole, DeviceType, Platform
from inventory.models.place import Location, Site


@tracked()
class Device(Item):
    """A server, switch, UPS, printer, laptop: anything with a life of its own that can be owned or polled."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_STOCK = "in_stock", "In stock"
        ACTIVE = "active", "Active"
        MAINTENANCE = "maintenance", "Maintenance"
        RETIRED = "retired", "Retired"

    name = models.CharField(max_length=100)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    role = models.ForeignKey(
        DeviceRole, null=True, blank=True, on_delete=models.PROTECT, related_name="devices"
    )
    device_type = models.ForeignKey(
        DeviceType, null=True, blank=True, on_delete=models.PROTECT, related_name="devices"
    )
    platform = models.ForeignKey(
        Platform, null=True, blank=True, on_delete=models.PROTECT, related_name="devices"
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="devices")
    location = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.PROTECT, related_name="devices"
    )
    address = models.CharField(
        max_length=253, blank=True, help_text="IP address or DNS name that monitoring speaks to"
    )
    credential = models.ForeignKey(
        Credential, null=True, blank=True, on_delete=models.PROTECT, related_name="devices"
    )
    serial = models.CharField("serial number", max_length=100, blank=True)
    asset_tag = models.CharField(max_length=60, blank=True)
    os_version = models.CharField("OS version", max_length=200, blank=True)
    description = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), "site", name="device_name_unique", nulls_distinct=False),
            models.UniqueConstraint(
                fields=["asset_tag"], condition=~models.Q(asset_tag=""), name="device_asset_tag_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["name"]),
            models.Index(fields=["status"]),
            models.Index(fields=["serial"]),
            models.Index(fields=["-created_at"], name="device_newest"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="device_name_words"),
            GinIndex(OpClass(Upper("serial"), name="gin_trgm_ops"), name="device_serial_words"),
            GinIndex(OpClass(Upper("address"), name="gin_trgm_ops"), name="device_address_words"),
            GinIndex(OpClass(Upper("asset_tag"), name="gin_trgm_ops"), name="device_asset_tag_words"),
            GinIndex(OpClass(Upper("description"), name="gin_trgm_ops"), name="device_description_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.location and self.location.site_id != self.site_id:
            raise ValidationError({"location": f"{self.location} belongs to another site"})


@tracked(exclude=("oper_up", "last_change"))
class Interface(Item):
    """A port of a device, physical or logical. `oper_up` follows polling and stays out of history."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="interfaces")
    name = models.CharField(max_length=255)
    alias = models.CharField(max_length=255, blank=True, help_text="What it leads to (ifAlias)")
    type = models.CharField(max_length=60, blank=True, help_text="IANA ifType name, such as ethernetCsmacd")
    if_index = models.BigIntegerField("ifIndex", null=True, blank=True)
    mac = models.CharField("MAC address", max_length=23, blank=True)
    speed = models.BigIntegerField(null=True, blank=True, help_text="bit/s")
    mtu = models.PositiveIntegerField("MTU", null=True, blank=True)
    admin_up = models.BooleanField(default=True)
    oper_up = models.BooleanField(null=True, blank=True)
    last_change = models.DateTimeField(null=True, blank=True, editable=False)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["device__name", "if_index", "name"]
        constraints = [models.UniqueConstraint(fields=["device", "name"], name="interface_unique")]
        indexes = [
            models.Index(fields=["mac"]),
            models.Index(fields=["name"]),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="interface_name_words"),
            GinIndex(OpClass(Upper("alias"), name="gin_trgm_ops"), name="interface_alias_words"),
            GinIndex(OpClass(Upper("mac"), name="gin_trgm_ops"), name="interface_mac_words"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class IPAddress(Item):
    """An address with its prefix length, on an interface or reserved."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        RESERVED = "reserved", "Reserved"
        DEPRECATED = "deprecated", "Deprecated"

    address = InetField()
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    interface = models.ForeignKey(
        Interface, null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    dns_name = models.CharField("DNS name", max_length=253, blank=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["address"]
        verbose_name = "IP address"
        verbose_name_plural = "IP addresses"
        indexes = [
            GistIndex(OpClass(Host("address"), name="inet_ops"), name="ip_address_networks"),
            GinIndex(OpClass(Upper("dns_name"), name="gin_trgm_ops"), name="ip_address_name_words"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["address", "interface"], name="ip_address_unique", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return str(self.address)
