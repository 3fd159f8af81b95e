"""Ways to reach people, one module each; importing this package registers them all."""

from monitoring.channels import apprise, mail, webhook
from monitoring.channels.base import KINDS, ChannelKind, Message, SendError, register

for _kind in (mail.KIND, webhook.KIND, apprise.KIND):
    register(_kind)

__all__ = ["KINDS", "ChannelKind", "Message", "SendError"]
