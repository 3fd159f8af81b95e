"""Addresses: what the apps register themselves, and the few that belong to nobody."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
]
