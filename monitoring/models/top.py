"""What stands highest: a small summary of current values, and where the fullest things are heading."""

from django.db import models

from inventory.models import Device
from monitoring.models.check import Check, Series


class Top(models.Model):
    """The `rank`-th worst value of a device by one meter (monitoring.meters), as of the last summary.

    Every device keeps its worst; more only where they are beyond the meter's floor. `value` is rounded to
    a tenth. The table is derived from the newest sweeps, unlogged, without foreign keys in the database: rows
    of what is gone go with the next summary.
    """

    meter = models.CharField(max_length=20)
    device = models.ForeignKey(Device, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    source = models.ForeignKey(
        Check,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_column="check_id",
    )
    series = models.ForeignKey(
        Series, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    rank = models.PositiveSmallIntegerField()
    instance = models.CharField(max_length=255, blank=True)
    value = models.FloatField()

    class Meta:
        ordering = ["meter", "device", "rank"]
        constraints = [models.UniqueConstraint(fields=["meter", "device", "rank"], name="top_unique")]
        indexes = [models.Index(fields=["meter", "value"], name="top_by_value")]

    def __str__(self) -> str:
        return f"{self.meter} {self.instance}: {self.value:g}"


class Trend(models.Model):
    """How a series moved over the last week: its unit a day, by least squares over hourly means."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, related_name="trend")
    per_day = models.FloatField()
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["series"]

    def __str__(self) -> str:
        return f"{self.series}: {self.per_day:+g} a day"
