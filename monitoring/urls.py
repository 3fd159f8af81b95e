"""Addresses under /api/v1/ that are no resources."""

from django.urls import path

from monitoring.agents import views as agents

urlpatterns = [
    path("agent/enroll/", agents.enroll, name="agent-enroll"),
    path("agent/report/", agents.report, name="agent-report"),
]
