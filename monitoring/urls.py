"""Pages of monitoring that belong to no resource."""

from django.urls import include, path

from monitoring import fragments, pages

urlpatterns = [
    path("", include("monitoring.console.urls")),
    path("devices/", pages.devices, name="monitoring-devices"),
    path("devices/<int:pk>/vitals/", fragments.vitals, name="monitoring-vitals"),
    path("devices/<int:pk>/interfaces/", fragments.interfaces, name="monitoring-interfaces"),
    path("devices/<int:pk>/readings/", fragments.readings, name="monitoring-readings"),
    path("series/<int:pk>/", pages.series, name="monitoring-series"),
    path("top/", pages.top, name="monitoring-top"),
]
