"""Tags for alerts."""

from datetime import datetime
from typing import Any

from django import template
from django.http import QueryDict

from core import format as formats
from core import states
from monitoring.models import Alert, Rule
from monitoring.words import state_word
from probes.metrics import METRICS

register = template.Library()


@register.filter
def lasted(alert: Alert, now: datetime) -> str:
    """How long it has been, or was, wrong."""
    end = alert.resolved_at or now
    return formats.duration((end - alert.started_at).total_seconds())


@register.filter
def all_of(query: QueryDict, name: str) -> list[str]:
    """Every value of a parameter."""
    return query.getlist(name)


@register.filter
def metric_value(value: float | None, metric: str) -> str:
    """A value of a metric with its unit; of a state its word."""
    known = METRICS.get(metric)
    if known and known.kind == "state" and (word := state_word(metric, value)):
        return word
    return formats.quantity(value, known.unit if known else "")


@register.filter
def metric_label(metric: str) -> str:
    known = METRICS.get(metric)
    return known.label if known else metric


@register.inclusion_tag("monitoring/parts/alert_state.html")
def alert_state(alert: Alert) -> dict[str, Any]:
    """Where it stands with people, and who or what that is. Needs AlertQuerySet.with_state."""
    return {"alert": alert, "state": states.of(alert.state)}  # type: ignore[attr-defined]


@register.filter
def condition(rule: Rule) -> str:
    """A rule in words: "greater than 90% for 15 min"."""
    text = f"{rule.get_operator_display()} {metric_value(rule.threshold, rule.metric)}"
    return f"{text} for {formats.duration(rule.for_seconds)}" if rule.for_seconds else text
