"""What a device is: who made it, which model, what it is for, what runs on it."""

from collections.abc import Callable
from typing import Any

from django.db import models

from core.history import tracked
from core.models import Item


@tracked()
class Manufacturer(Item):
    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class DeviceType(Item):
    """A model of a manufacturer."""

    manufacturer = models.ForeignKey(Manufacturer, on_delete=models.PROTECT, related_name="device_types")
    model = models.CharField(max_length=100)
    part_number = models.CharField(max_length=60, blank=True)
    height_units = models.DecimalField(
        "height (U)", max_digits=4, decimal_places=1, default=1, help_text="Rack units; 0 for none"
    )

    class Meta:
        ordering = ["manufacturer__name", "model"]
        constraints = [models.UniqueConstraint(fields=["manufacturer", "model"], name="device_type_unique")]

    def __str__(self) -> str:
        return self.called(str)

    def called(self, word: Callable[[Any], str]) -> str:
        return f"{word(self.manufacturer)} {self.model}"


@tracked()
class DeviceRole(Item):
    """What devices are for. `kind` decides their checks by default, whatever people call the role."""

    class Kind(models.TextChoices):
        SERVER = "server", "Server"
        WORKSTATION = "workstation", "Workstation"
        PRINTER = "printer", "Printer"
        OTHER = "other", "Other"

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(
        "kind of device",
        max_length=20,
        choices=Kind.choices,
        default=Kind.OTHER,
        help_text="Decides which checks its devices get by default",
    )
    color = models.CharField(max_length=20, default="gray")
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class Platform(Item):
    """The operating system family of a device; `key` is discovery's name for it (ios, junos, linux)."""

    name = models.CharField(max_length=60, unique=True)
    key = models.SlugField(max_length=60, unique=True)
    manufacturer = models.ForeignKey(
        Manufacturer, null=True, blank=True, on_delete=models.PROTECT, related_name="platforms"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
