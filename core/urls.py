"""Addresses of core that belong to no resource."""

from django.urls import path

from core.views import parts

urlpatterns = [
    path("ui/", parts.parts, name="ui"),
    path("ui/points/", parts.sample_points, name="ui-points"),
]
