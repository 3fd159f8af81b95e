"""What monitoring tells the apps below at start: addresses, and whose changes it follows."""

from core import menu
from core.api import route
from core.format import duration
from core.resources.cells import say
from core.resources.signals import saved
from inventory.models import Device, DeviceRole
from monitoring import cards, columns, entries, panels, receivers, views
from monitoring.agents import views as agents
from monitoring.alerting import api as alert_api
from monitoring.channels import KINDS as CHANNELS
from monitoring.measured import RULED
from monitoring.models import Alert, Channel, Check, Route, Rule
from probes.kinds import KINDS


def connect() -> None:
    say_words()
    saved.connect(receivers.device_saved, sender=Device, dispatch_uid="monitoring.device_saved")
    saved.connect(receivers.role_saved, sender=DeviceRole, dispatch_uid="monitoring.role_saved")
    saved.connect(receivers.check_saved, sender=Check, dispatch_uid="monitoring.check_saved")
    route("agent/enroll/", agents.enroll, name="agent-enroll")
    route("agent/report/", agents.report, name="agent-report")
    route("devices/<int:pk>/series/", views.DeviceSeries, name="api-device-series")
    route("series/<int:pk>/points/", views.SeriesPoints, name="api-series-points")
    route("series/points/", views.ChartPoints, name="api-chart-points")
    for address, view, name in alert_api.routes():
        route(address, view, name=name)
    entries.add()
    cards.register()
    panels.register()
    columns.register()
    menu.add("Monitoring", "Devices by state", "monitoring-devices", "heartbeat", order=20, resource=Device)
    menu.add("Monitoring", "Rankings", "monitoring-top", "chart-bar", order=60, resource=Device)


def say_words() -> None:
    """What lists and pages show instead of keys and of bare seconds."""
    kinds = {name: kind.label for name, kind in KINDS.items()} | {"agent": "Agent"}
    channels = {name: kind.label for name, kind in CHANNELS.items()}
    metrics = {name: metric.label for name, metric in RULED.items()}
    say(Check, "kind", lambda key: kinds.get(key, key))
    say(Channel, "kind", lambda key: channels.get(key, key))
    for model in (Rule, Alert):
        say(model, "metric", lambda key: metrics.get(key, key))
    for column in ("interval", "delay", "repeat"):
        say(Check if column == "interval" else Route, column, duration)
    say(Rule, "for_seconds", lambda value: duration(value) if value else "at once", label="Held for")
