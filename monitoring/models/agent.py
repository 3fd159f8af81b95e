"""Agents on endpoints, how they join, and what they tell of their machine."""

from django.conf import settings
from django.db import models

from core.history import tracked
from core.models import Item
from inventory.models import Device

RUNTIME_FIELDS = (
    "key_hash",
    "last_seen",
    "reports",
    "refused",
    "duplicates",
    "inventory_hash",
    "version",
    "top_processes",
    "processes_at",
)


@tracked(exclude=RUNTIME_FIELDS)
class Agent(Item):
    """An installed agent. Only the hash of its key is kept; disabling it revokes the key."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="agent")
    name = models.CharField(max_length=253, help_text="Host name as the machine calls itself")
    machine_id = models.CharField(max_length=100, unique=True)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    version = models.CharField(max_length=40, blank=True, editable=False)
    os = models.CharField("OS", max_length=100, blank=True, editable=False)
    processes = models.JSONField(default=list, blank=True, help_text="Names of processes to count")
    last_seen = models.DateTimeField(null=True, blank=True, editable=False)
    enabled = models.BooleanField(default=True)
    reports = models.BigIntegerField(default=0, editable=False)
    refused = models.BigIntegerField(default=0, editable=False)
    duplicates = models.BigIntegerField(default=0, editable=False)
    inventory_hash = models.CharField(max_length=64, blank=True, editable=False)
    top_processes = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Those that took most at the last reading: cpu in percent of one core, memory of the whole",
    )
    processes_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def agent_of_key(key_hash: str) -> Agent | None:
    """The enabled agent with that key, and its device."""
    return Agent.objects.select_related("device").filter(key_hash=key_hash, enabled=True).first()


class AgentInventory(models.Model):
    """The last inventory an agent sent, as it came: packages, users, services, disks."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="agent_inventory")
    data = models.JSONField(default=dict)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "agent inventories"

    def __str__(self) -> str:
        return f"Inventory of {self.device}"


class EnrollToken(models.Model):
    """A word that lets one machine join once. Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    description = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    used_by = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.description or f"Token {self.pk}"
