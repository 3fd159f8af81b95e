"""Checks, series, rules, alerts, notification, agents. Sweeps and roll-ups belong to monitoring.store."""

from monitoring.models.agent import Agent, AgentInventory, EnrollToken
from monitoring.models.alert import STATES, Alert, AlertEvent, seen_alerts
from monitoring.models.check import Check, Poller, Series
from monitoring.models.neighbor import Neighbor
from monitoring.models.notification import Channel, Notification, Route
from monitoring.models.rule import Rule, Severity
from monitoring.models.top import Top, Trend

__all__ = [
    "STATES",
    "Agent",
    "AgentInventory",
    "Alert",
    "AlertEvent",
    "Channel",
    "Check",
    "EnrollToken",
    "Neighbor",
    "Notification",
    "Poller",
    "Route",
    "Rule",
    "Series",
    "Severity",
    "Top",
    "Trend",
    "seen_alerts",
]
