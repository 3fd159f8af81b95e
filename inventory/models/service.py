"""What the business calls by name, and what hangs on what."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from core.history import tracked
from core.models import Item
from inventory.models.device import Device


@tracked()
class Service(Item):
    """Something people use: mail, payroll, the office network."""

    class Criticality(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"
        CRITICAL = "critical", "Critical"

    name = models.CharField(max_length=100, unique=True)
    criticality = models.CharField(max_length=20, choices=Criticality.choices, default=Criticality.MEDIUM)
    owner = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class Dependency(Item):
    """One side needs the other: a device its uplink, a service its devices or another service.

    Exactly one of device and service is set on either side. A parent that is down explains its dependents.
    """

    history_name = ("device", "service", "on_device", "on_service")

    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.CASCADE, related_name="depends_on"
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="depends_on"
    )
    on_device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.CASCADE, related_name="dependents"
    )
    on_service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="dependents"
    )
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "dependencies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(device__isnull=True) ^ models.Q(service__isnull=True),
                name="dependency_one_dependent",
            ),
            models.CheckConstraint(
                condition=models.Q(on_device__isnull=True) ^ models.Q(on_service__isnull=True),
                name="dependency_one_parent",
            ),
            models.UniqueConstraint(
                fields=["device", "service", "on_device", "on_service"],
                name="dependency_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.called(str)

    def called(self, word: Callable[[Any], str]) -> str:
        return f"{word(self.device or self.service)} → {word(self.on_device or self.on_service)}"

    def clean(self) -> None:
        if bool(self.device_id) == bool(self.service_id):
            raise ValidationError({"device": "Name either a device or a service that depends"})
        if bool(self.on_device_id) == bool(self.on_service_id):
            raise ValidationError({"on_device": "Name either a device or a service that is needed"})
        if (self.device_id, self.service_id) == (self.on_device_id, self.on_service_id):
            raise ValidationError({"on_device": "Nothing can depend on itself"})
