"""Alerts: what a rule found, from pending to resolved, and everything that happened to them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from core.access import limited, visible
from inventory.models import Device, Interface
from monitoring.models.check import Check
from monitoring.models.rule import Rule, Severity


class AlertQuerySet(models.QuerySet["Alert"]):
    def firing(self) -> "AlertQuerySet":
        """What people should see now: past its `for`, not resolved."""
        return self.filter(status=Alert.Status.FIRING)

    def shown(self) -> "AlertQuerySet":
        """Everything that ever fired: pending ones are the engine's own affair."""
        return self.exclude(status=Alert.Status.PENDING)

    def with_state(self) -> "AlertQuerySet":
        """With `state`: where the alert stands with people, one of STATES (see Alert.state)."""
        kept = models.Value
        return self.annotate(
            state=models.Case(
                models.When(status=Alert.Status.RESOLVED, then=kept("resolved")),
                models.When(suppressed_by__isnull=False, then=kept("explained")),
                models.When(snoozed_until__gt=timezone.now(), then=kept("snoozed")),
                models.When(acknowledged_at__isnull=False, then=kept("acknowledged")),
                default=kept("firing"),
                output_field=models.CharField(),
            )
        )

    def by_weight(self) -> "AlertQuerySet":
        """With `weight`: 0 for information, more for what matters more."""
        steps = [
            models.When(severity=one, then=models.Value(step)) for step, one in enumerate(Severity.values)
        ]
        return self.annotate(weight=models.Case(*steps, default=0, output_field=models.IntegerField()))


STATES = ("firing", "acknowledged", "snoozed", "explained", "resolved")
"""Where a shown alert stands with people; each alert is in exactly one."""


def seen_alerts(user: Any, action: str = "view") -> AlertQuerySet:
    """Alerts on which the user may do the action, of devices that they may see; pending ones are left out."""
    rows: AlertQuerySet = visible(user, Alert, action).shown()
    return limited(rows, user, Device, "device")


class Alert(models.Model):
    """One problem of one series of one device under one rule.

    pending: the condition holds, but not yet for the rule's `for_seconds`. A pending alert that recovers is
    deleted. `flips` are the epoch seconds at which it opened lately (flapping), `ok_since` is since when a
    flapping one is good, or a reading is missing; both belong to the engine.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        FIRING = "firing", "Firing"
        RESOLVED = "resolved", "Resolved"

    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="alerts")
    source = models.ForeignKey(
        Check, null=True, on_delete=models.SET_NULL, related_name="alerts", db_column="check_id"
    )
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alerts")
    interface = models.ForeignKey(
        Interface, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    metric = models.CharField(max_length=60)
    instance = models.CharField(max_length=255, blank=True)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    started_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    text = models.CharField(max_length=500)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    suppressed_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="suppresses"
    )
    flapping = models.BooleanField(default=False)
    ok_since = models.DateTimeField(null=True, blank=True, editable=False)
    flips = ArrayField(models.FloatField(), default=list, blank=True, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "source", "metric", "instance"],
                condition=~models.Q(status="resolved"),
                name="alert_open_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-started_at"]),
            models.Index(fields=["device", "-started_at"]),
            models.Index(fields=["source", "resolved_at"], name="alert_source_resolved"),
            models.Index(
                fields=["-resolved_at", "-id"],
                name="alert_lately_resolved",
                condition=models.Q(status="resolved"),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class AlertEvent(models.Model):
    """Something that happened to an alert: history, statistics and the dispatcher's queue in one row."""

    class Kind(models.TextChoices):
        FIRED = "fired", "Fired"
        RESOLVED = "resolved", "Resolved"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        UNACKNOWLEDGED = "unacknowledged", "Acknowledgment taken back"
        SNOOZED = "snoozed", "Snoozed"
        UNSNOOZED = "unsnoozed", "Snooze ended"
        COMMENTED = "commented", "Commented"
        SUPPRESSED = "suppressed", "Explained by another alert"
        UNSUPPRESSED = "unsuppressed", "No longer explained"
        FLAPPING = "flapping", "Flapping"
        REMINDER = "reminder", "Reminder"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["id"], name="alert_event_waiting", condition=models.Q(processed_at__isnull=True)
            ),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return self.called(str)

    def called(self, word: Callable[[Any], str]) -> str:
        return f"{self.get_kind_display()}: {word(self.alert)}"
