"""Tags for alerts."""

from datetime import datetime
from typing import Any

from django import template
from django.http import QueryDict

from core import format as formats
from core import states
from monitoring.measured import RULED
from monitoring.models import Alert, Rule
from monitoring.words import value_in_words

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
    return value_in_words(metric, value)


@register.filter
def metric_label(metric: str) -> str:
    known = RULED.get(metric)
    return known.label if known else metric


@register.inclusion_tag("monitoring/parts/alert_state.html")
def alert_state(alert: Alert) -> dict[str, Any]:
    """Where it stands with people, and who or what that is. Needs AlertQuerySet.with_state."""
    return {"alert": alert, "state": states.of(alert.state)}  # type: ignore[attr-defined]


@register.filter
def condition(rule: Rule) -> str:
    """A rule in words: "CPU usage greater than 90% for 15 min"."""
    return rule.condition
