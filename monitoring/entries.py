"""Monitoring's part of the sidebar, of other things' pages, and its words for states."""

from django.http import HttpRequest

from core import menu, panels, states
from core.resources import columns
from monitoring.console.agents import states_of
from monitoring.console.query import in_state
from monitoring.console.rules import reach_panel
from monitoring.models import (
    Agent,
    Alert,
    Channel,
    Check,
    Notification,
    Poller,
    Route,
    Rule,
    Severity,
    seen_alerts,
)

STATES = (
    ("explained", "Explained", "off", "bell-off"),
    ("dropped", "Not sent", "off", "circle-minus"),
)
MENU = (
    ("Checks", "checks-list", "activity", Check),
    ("Rules", "rules-list", "ruler-measure", Rule),
    ("Channels", "channels-list", "speakerphone", Channel),
    ("Routes", "routes-list", "route", Route),
    ("Notifications", "notifications-list", "send", Notification),
    ("Agents", "agents-list", "device-desktop-analytics", Agent),
    ("Pollers", "pollers-list", "radar-2", Poller),
)


def add() -> None:
    for state in STATES:
        states.add(*state)
    menu.add("Monitoring", "Alerts", "alerts-list", "bell", 10, Alert, open_alerts)
    for place, (label, url_name, icon, model) in enumerate(MENU):
        menu.add("Monitoring", label, url_name, icon, 20 + place, model)
    columns.add(Agent, "state", "State", states_of, state=True)
    panels.add(Rule, "monitoring/panels/reach.html", reach_panel, order=10)


def open_alerts(request: HttpRequest) -> int:
    """Open alerts that nobody has taken, information left out."""
    rows = seen_alerts(request.user).filter(in_state("firing"))
    return rows.exclude(severity=Severity.INFO).count()
