"""When a number is a problem."""

import math
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from core.format import duration
from core.history import tracked
from core.models import Item
from monitoring import selector
from monitoring.measured import RULED
from monitoring.words import value_in_words


class Severity(models.TextChoices):
    """How much it matters; the order of the members is the order of weight."""

    INFO = "info", "Information"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


def check_selector(value: Any) -> None:
    """ValidationError on `selector` where it cannot be used."""
    try:
        selector.validate(value)
    except selector.SelectorError as error:
        raise ValidationError({"selector": str(error)}) from None


@tracked()
class Rule(Item):
    """A condition over one metric, on the devices and instances that `selector` picks.

    selector: see monitoring.selector; a missing key picks everything. `recovery` is the value at which the
    alert ends (empty: the threshold itself).
    """

    class Operator(models.TextChoices):
        GREATER = ">", "greater than"
        GREATER_EQUAL = ">=", "at least"
        LESS = "<", "less than"
        LESS_EQUAL = "<=", "at most"
        EQUAL = "==", "equal to"
        NOT_EQUAL = "!=", "other than"

    name = models.CharField(max_length=100, unique=True)
    key = models.SlugField(max_length=60, unique=True, null=True, blank=True, editable=False)
    metric = models.CharField(max_length=60)
    selector = models.JSONField(default=dict, blank=True)
    operator = models.CharField(max_length=2, choices=Operator.choices, default=Operator.GREATER)
    threshold = models.FloatField()
    recovery = models.FloatField(null=True, blank=True, help_text="The alert ends at this value")
    for_seconds = models.PositiveIntegerField(default=0, help_text="How long it must hold before it fires")
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.WARNING)
    only_after_ok = models.BooleanField(default=False, help_text="Only where the value was good before")
    enabled = models.BooleanField(default=True)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def condition(self) -> str:
        """In words: "CPU usage greater than 90% for 15 min", "Interface: down for 1 min"."""
        label = RULED[self.metric].label if self.metric in RULED else self.metric
        is_equal = self.operator == self.Operator.EQUAL
        text = f"{label}:" if is_equal else f"{label} {self.get_operator_display()}"
        text = f"{text} {value_in_words(self.metric, self.threshold)}"
        return f"{text} for {duration(self.for_seconds)}" if self.for_seconds else text

    def clean(self) -> None:
        if self.metric not in RULED:
            raise ValidationError({"metric": f"There is no metric {self.metric!r}"})
        check_selector(self.selector)
        for name in ("threshold", "recovery"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValidationError({name: "A finite number is needed"})
        if self.recovery is None or self.threshold is None:
            return
        wrong = (self.operator in (">", ">=") and self.recovery > self.threshold) or (
            self.operator in ("<", "<=") and self.recovery < self.threshold
        )
        if wrong:
            raise ValidationError({"recovery": "Recovery must lie on the good side of the threshold"})
