"""Addresses of monitoring's pages; those of alerts and agents stand before the resources' own."""

from django.urls import path

from core.resources import resource_of
from monitoring.console import agents, alert, alerts, rules, trials
from monitoring.models import Agent

urlpatterns = [
    path("alerts/", alerts.console, name="alerts-list"),
    path("alerts/act/", alerts.act, name="alerts-act"),
    path("alerts/<int:pk>/", alert.detail, name="alerts-detail"),
    path("agents/", agents.AgentList.as_view(resource=resource_of(Agent)), name="agents-list"),
    path("agents/new/", agents.add, name="agent-new"),
    path("agents/<int:pk>/revoke/", agents.revoke, name="agent-revoke"),
    path("rules/reach/", rules.reach_now, name="rule-reach"),
    path("checks/<int:pk>/run/", trials.run_check, name="check-run"),
    path("channels/<int:pk>/test/", trials.test_channel, name="channel-test"),
    path("notifications/<int:pk>/retry/", trials.retry, name="notification-retry"),
    path("trials/<str:key>/", trials.show, name="trial"),
]
