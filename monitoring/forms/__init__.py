"""Forms of monitoring's resources: fields of a kind, selectors without JSON, metrics by name."""

from monitoring.forms.channel import ChannelForm
from monitoring.forms.check import CheckForm
from monitoring.forms.rule import RouteForm, RuleForm

__all__ = ["ChannelForm", "CheckForm", "RouteForm", "RuleForm"]
