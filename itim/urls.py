"""Addresses: what the apps register themselves, and the few that belong to nobody."""

from django.urls import include, path

from core.api import routing
from core.resources import urls as resources
from itim import agent_download, health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("account/", include("allauth.urls")),
    path("agent/install.sh", agent_download.install, name="agent-install"),
    path("agent/itim_agent.whl", agent_download.wheel_file, name="agent-wheel"),
    path("", include("core.urls")),
    path("monitoring/", include("monitoring.urls")),
    *resources.patterns(),
    path(routing.PREFIX, include(routing.patterns())),
]

handler400 = "core.api.errors.bad_request"
handler403 = "core.api.errors.forbidden"
handler404 = "core.api.errors.not_found"
handler500 = "core.api.errors.server_error"
