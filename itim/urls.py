"""Addresses: what the apps register themselves, and the few that belong to nobody."""

from django.urls import include, path

from itim import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("account/", include("allauth.urls")),
    path("", include("core.urls")),
]
