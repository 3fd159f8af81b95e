"""The pages and API of monitoring's models. Alerts and agents have pages of their own in monitoring.pages."""

from core.resources import Action, Resource, register
from monitoring.forms import ChannelForm, CheckForm, RouteForm, RuleForm
from monitoring.models import Agent, Alert, Channel, Check, Notification, Poller, Route, Rule


@register
class AlertResource(Resource):
    """What is wrong now and what was."""

    model = Alert
    columns = ("text", "severity", "status", "device", "started_at", "resolved_at", "acknowledged_by", "rule")
    read_only = (
        "text",
        "severity",
        "status",
        "device",
        "interface",
        "source",
        "rule",
        "metric",
        "instance",
        "value",
        "started_at",
        "fired_at",
        "resolved_at",
        "acknowledged_by",
        "acknowledged_at",
        "snoozed_until",
        "suppressed_by",
        "flapping",
    )
    filters = ("severity", "status", "device", "rule")
    search = ("text", "device__name", "instance")
    operations = ()
    icon = "bell"


@register
class CheckResource(Resource):
    """What is asked of a device, and how often. Given an address and a credential, a device gets its own."""

    model = Check
    form = CheckForm
    columns = ("device", "kind", "name", "status", "enabled", "interval", "last_run", "last_error")
    fields = (
        ("Check", ("device", "kind", "name", "enabled", "interval")),
        ("How", ("credential", "poller", "options")),
    )
    read_only = ("passive", "status", "last_run", "next_run", "last_error")
    filters = ("status", "kind", "device", "enabled", "poller", "tags")
    search = ("name", "kind", "device__name", "last_error")
    natural_key = ("device", "kind", "name")
    actions = (Action("run", "Run now", "check-run", "player-play", applies=lambda check: not check.passive),)
    icon = "activity"


@register
class RuleResource(Resource):
    """When a number is a problem, how long it must be one, and how much it matters."""

    model = Rule
    form = RuleForm
    columns = ("name", "severity", "enabled", "alerts", "tags")
    fields = (
        ("Rule", ("name", "description", "severity", "enabled")),
        ("When", ("metric", "operator", "threshold", "recovery", "for_seconds", "only_after_ok")),
        ("Where", ("selector",)),
    )
    read_only = ("key",)
    filters = ("severity", "metric", "enabled", "tags")
    search = ("name", "description", "metric")
    natural_key = ("name",)
    icon = "ruler-measure"


@register
class ChannelResource(Resource):
    """By what alerts reach people: mail, webhook, chat and a hundred others."""

    model = Channel
    form = ChannelForm
    columns = ("name", "kind", "enabled", "routes", "notifications", "tags")
    fields = (("Channel", ("name", "kind", "enabled")), ("How", ("options", "secret")))
    filters = ("kind", "enabled", "tags")
    search = ("name", "kind")
    natural_key = ("name",)
    operations = ("add", "change", "delete")
    actions = (Action("run", "Send a test message", "channel-test", "send"),)
    icon = "speakerphone"


@register
class RouteResource(Resource):
    """Which alerts go to which channels. Without a route nobody is told."""

    model = Route
    form = RouteForm
    columns = ("name", "order", "min_severity", "channels", "delay", "repeat", "stop", "enabled")
    fields = (
        ("Route", ("name", "order", "enabled")),
        ("Which alerts", ("min_severity", "selector")),
        ("To whom", ("channels", "delay", "repeat", "stop")),
    )
    filters = ("min_severity", "channels", "enabled", "tags")
    search = ("name",)
    natural_key = ("name",)
    icon = "route"


@register
class NotificationResource(Resource):
    """Every message about an alert: to which channel, whether it arrived, and why not."""

    model = Notification
    columns = ("alert", "channel", "status", "attempts", "created_at", "sent_at", "error")
    read_only = ("alert", "channel", "status", "attempts", "next_try", "sent_at", "error", "message_id")
    filters = ("status", "channel")
    search = ("error", "alert__text")
    operations = ()
    actions = (
        Action(
            "run", "Send again", "notification-retry", "refresh", applies=lambda row: row.status in row.UNSENT
        ),
    )
    icon = "send"


@register
class AgentResource(Resource):
    """Agents tell what SNMP cannot: disks, services, packages. One command installs one on a machine."""

    model = Agent
    columns = ("name", "device", "last_seen", "os", "version", "reports", "refused")
    fields = ("name", "enabled", "processes")
    read_only = (
        "device",
        "machine_id",
        "version",
        "os",
        "last_seen",
        "reports",
        "refused",
        "duplicates",
        "top_processes",
        "processes_at",
    )
    filters = ("enabled", "version", "tags")
    search = ("name", "machine_id", "os", "device__name")
    natural_key = ("machine_id",)
    operations = ("change", "delete")
    actions = (
        Action(
            "change",
            "Revoke",
            "agent-revoke",
            "key-off",
            "Revoke the key of this agent?",
            applies=lambda agent: agent.enabled,
        ),
    )
    icon = "device-desktop-analytics"


@register
class PollerResource(Resource):
    """Groups of workers that run checks. One stands here once a worker of it has started."""

    model = Poller
    columns = (
        "name",
        "description",
        "last_seen",
        "skipped_runs",
        "lost_sweeps",
        "refused_sweeps",
        "refused_series",
    )
    read_only = columns
    filters = ("name",)
    search = ("name", "description")
    natural_key = ("name",)
    operations = ()
    icon = "radar-2"
