"""What is watched, how often, and what the numbers of a sweep mean."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from core.access import limited
from core.credentials import TYPES
from core.history import tracked
from core.models import Credential, Item
from inventory.models import Device
from probes.kinds import KINDS
from probes.options import OptionError

RUNTIME_FIELDS = (
    "plan",
    "slots",
    "next_run",
    "lease_until",
    "last_run",
    "last_error",
    "status",
    "next_discovery",
)


@tracked(exclude=RUNTIME_FIELDS)
class Check(Item):
    """A scheduled probe of one kind against one device.

    `options` is what people set; `plan` is what discovery found to poll and is merged over it for each run.
    `slots` counts the series ever given a place: processes that cache the layout compare it. A passive check
    (an agent's) is never polled: its sweeps are delivered.
    """

    history_name = ("device", "kind", "name")

    class Status(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        OK = "ok", "OK"
        FAILED = "failed", "Failed"

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=100, blank=True, help_text="Tells checks of one kind apart")
    enabled = models.BooleanField(default=True)
    passive = models.BooleanField(default=False, editable=False)
    interval = models.PositiveIntegerField(
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(86400)],
        help_text="Seconds between two runs",
    )
    options = models.JSONField(default=dict, blank=True)
    credential = models.ForeignKey(
        Credential,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="checks",
        help_text="Empty: the device's own",
    )
    poller = models.CharField(max_length=60, default="default", help_text="The workers that run it")
    plan = models.JSONField(default=dict, blank=True, editable=False)
    slots = models.PositiveIntegerField(default=0, editable=False)
    next_run = models.DateTimeField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_run = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    next_discovery = models.DateTimeField(null=True, default=timezone.now, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UNKNOWN, editable=False)

    class Meta:
        ordering = ["device__name", "kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["device", "kind", "name"], name="check_unique"),
        ]
        indexes = [
            models.Index(
                fields=["next_run"],
                name="check_due",
                condition=models.Q(enabled=True, passive=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.kind_label

    @property
    def kind_label(self) -> str:
        """What people call its kind."""
        return KINDS[self.kind].label if self.kind in KINDS else self.kind.capitalize()

    def clean(self) -> None:
        if self.passive:
            return
        kind = KINDS.get(self.kind)
        if kind is None:
            raise ValidationError({"kind": f"There is no kind {self.kind!r}; there are {', '.join(KINDS)}"})
        try:
            kind.Options.from_dict(self.options)
        except OptionError as error:
            raise ValidationError({"options": str(error)}) from None
        if self.credential and TYPES[self.credential.kind].__name__ not in usable_logins(self.kind):
            raise ValidationError({"credential": f"{kind.label} does not use a login of this kind"})


def usable_logins(kind: str) -> tuple[str, ...]:
    """Names of the credential classes that a kind of probe needs or takes."""
    found = KINDS[kind]
    return (*found.needs_credential, *found.takes_credential)


class SeriesQuerySet(models.QuerySet["Series"]):
    def seen_by(self, user: Any) -> "SeriesQuerySet":
        """Series of the checks and devices that the user may see."""
        return limited(limited(self, user, Check, "source"), user, Device, "source__device")


class Series(models.Model):
    """One line of numbers: what position `slot` in the arrays of part `part` of a check's sweeps means.

    Slots are append-only, so that old sweeps stay readable. `unit` is the unit as stored (after rates).
    The check is called `source`, for `check` is a name of Django's own.
    """

    source = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="series", db_column="check_id", db_index=False
    )
    part = models.PositiveSmallIntegerField()
    slot = models.PositiveSmallIntegerField()
    metric = models.CharField(max_length=60)
    instance = models.CharField(max_length=255, blank=True)
    unit = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=12)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["source", "part", "slot"]
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(fields=["source", "part", "slot"], name="series_place_unique"),
            models.UniqueConstraint(fields=["source", "metric", "instance"], name="series_unique"),
        ]
        indexes = [models.Index(fields=["metric"], name="series_metric")]

    def __str__(self) -> str:
        return f"{self.metric} {self.instance}".strip()


class Poller(models.Model):
    """A group of workers near some devices, and what it had to skip or refuse since it exists."""

    name = models.CharField(max_length=60, unique=True)
    description = models.CharField(max_length=200, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    skipped_runs = models.BigIntegerField(default=0, help_text="Runs left out because the queue was full")
    lost_sweeps = models.BigIntegerField(default=0, help_text="Read, and then impossible to store")
    refused_sweeps = models.BigIntegerField(default=0, help_text="Duplicate, too old or from the future")
    refused_series = models.BigIntegerField(default=0, help_text="Series over a check's limit")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
