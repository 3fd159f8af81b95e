"""Who hears of alerts, and what was sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from core.history import tracked
from core.models import Item
from core.secrets import EncryptedJSONField
from monitoring.channels import KINDS
from monitoring.models.alert import Alert, AlertEvent
from monitoring.models.rule import Severity, check_selector
from probes.options import OptionError

TROUBLE_LASTS = timedelta(hours=25)
"""A little longer than a message is tried."""


class ChannelQuerySet(models.QuerySet["Channel"]):
    def in_trouble(self) -> "ChannelQuerySet":
        """Enabled channels whose last try failed: with `trouble` (what was said) and `failing_since`."""
        recent = Notification.objects.filter(
            channel=models.OuterRef("pk"), created_at__gte=timezone.now() - TROUBLE_LASTS
        )
        tried = models.Q(status=Notification.Status.WAITING, attempts__gt=0) & ~models.Q(error="")
        bad = recent.filter(tried | models.Q(status=Notification.Status.FAILED)).order_by("-created_at")
        good = recent.filter(status=Notification.Status.SENT).order_by("-sent_at")
        marked = self.filter(enabled=True).annotate(
            trouble=models.Subquery(bad.values("error")[:1]),
            failing_since=models.Subquery(bad.values("created_at")[:1]),
            last_sent=models.Subquery(good.values("sent_at")[:1]),
        )
        failing = marked.filter(failing_since__isnull=False)
        never = models.Q(last_sent__isnull=True)
        return failing.filter(never | models.Q(last_sent__lte=models.F("failing_since")))


@tracked(exclude=("secret",))
class Channel(Item):
    """A way to reach people: kind names a folder of monitoring/channels; secret never comes out again."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=30)
    options = models.JSONField(default=dict, blank=True)
    secret = EncryptedJSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        kind = KINDS.get(self.kind)
        if kind is None:
            raise ValidationError({"kind": f"There is no kind {self.kind!r}; there are {', '.join(KINDS)}"})
        for name, schema in (("options", kind.options), ("secret", kind.secret)):
            try:
                schema.from_dict(getattr(self, name))
            except OptionError as error:
                raise ValidationError({name: str(error)}) from None


@tracked()
class Route(Item):
    """Which alerts go to which channels; routes are tried in `order`."""

    name = models.CharField(max_length=100, unique=True)
    order = models.PositiveIntegerField(default=100)
    selector = models.JSONField(default=dict, blank=True, help_text="As in a rule; empty: every alert")
    min_severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.WARNING)
    channels = models.ManyToManyField(
        Channel,
        related_name="routes",
        blank=True,
        help_text="None: with `stop`, nobody hears of these alerts",
    )
    delay = models.PositiveIntegerField(default=0, help_text="Seconds to wait before the first message")
    repeat = models.PositiveIntegerField(default=0, help_text="Seconds between reminders; 0: none")
    stop = models.BooleanField(default=False, help_text="Later routes are not tried after this one")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_selector(self.selector)


class Notification(models.Model):
    """One message of one event to one channel: the delivery queue and the delivery log."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Not sent"

    UNSENT = frozenset({Status.FAILED, Status.DROPPED})
    """What a person may have sent once more."""

    event = models.ForeignKey(AlertEvent, null=True, on_delete=models.CASCADE, related_name="notifications")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="notifications")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="notifications")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "channel"], name="notification_unique"),
        ]
        indexes = [
            models.Index(fields=["channel", "-created_at"], name="notification_of_channel"),
            models.Index(
                fields=["next_try"], name="notification_waiting", condition=models.Q(status="waiting")
            ),
        ]

    def __str__(self) -> str:
        return self.called(str)

    def called(self, word: Callable[[Any], str]) -> str:
        return f"{word(self.event)} to {word(self.channel)}"
