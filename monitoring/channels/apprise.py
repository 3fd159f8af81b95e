"""A hundred chat, pager and SMS services through apprise; the address holds the secrets, so it is one."""

import logging
from dataclasses import dataclass
from typing import Any

from apprise import Apprise, AppriseAttachment, LogCapture, NotifyFormat, NotifyType

from monitoring.channels.base import ChannelKind, Message, SendError
from probes import network
from probes.options import Options, option

TYPES = {"critical": NotifyType.FAILURE, "warning": NotifyType.WARNING, "info": NotifyType.INFO}
LOCAL_SCHEMES = ("syslog", "dbus", "gnome", "kde", "qt", "glib", "windows", "macosx")
THREADED_SCHEMES = ("mqtt", "mqtts", "xmpp", "xmpps")
"""Their plugins start network threads of their own, which network.guarded cannot see (paho, slixmpp)."""
FILE_ARGUMENTS = ("keyfile", "subfile", "pgp_key", "pgp_privkey")
"""Attributes that hold a path on this server or an address to fetch; so does any AppriseAttachment."""


def _address(value: Any) -> str:
    scheme = value.partition(":")[0].strip().lower() if isinstance(value, str) else ""
    if scheme in LOCAL_SCHEMES:
        raise ValueError("speaks to the server's own desktop or log, which reaches nobody")
    if scheme in THREADED_SCHEMES:
        raise ValueError(
            f"cannot be {scheme}://: it opens connections by itself, past the check of what may be spoken to"
        )
    service = Apprise.instantiate(value) if isinstance(value, str) else None
    if service is None:
        raise ValueError("is not an address that apprise knows, such as slack://… or tgram://…")
    if reads_files(service):
        raise ValueError("names a file that the server would read (a template or key), which is not allowed")
    try:
        for host in _hosts(service):
            network.check_literal(host)
    except network.NetworkError as error:
        raise ValueError(str(error)) from None
    return str(value)


def reads_files(service: Any) -> bool:
    """Whether sending would read files of this server, chosen by whoever wrote the address."""
    values = vars(service)
    given = any(isinstance(one, AppriseAttachment) and len(one) for one in values.values())
    return given or any(values.get(name) for name in FILE_ARGUMENTS)


def _hosts(service: Any) -> list[str]:
    """The hosts that stand in an address; many services have none but their maker's."""
    found = (getattr(service, name, None) for name in ("host", "smtp_host"))
    return [host for host in found if isinstance(host, str) and host]


@dataclass(frozen=True, slots=True)
class AppriseOptions(Options):
    """Everything about a service stands in its address, and that is secret."""


@dataclass(frozen=True, slots=True)
class AppriseSecret(Options):
    url: str = option(help="Address of the service as apprise writes it", maximum=2000, parse=_address)


def send(message: Message, options: AppriseOptions, secret: AppriseSecret) -> None:
    """apprise says only yes or no; what it logged meanwhile says why, less the address."""
    service = Apprise()
    service.add(secret.url)
    kind = NotifyType.SUCCESS if message.resolved else TYPES.get(message.severity, NotifyType.INFO)
    with network.guarded() as refused, LogCapture(level=logging.WARNING) as log:
        sent = service.notify(
            body=f"{message.text}\n{message.url}",
            title=message.subject,
            notify_type=kind,
            body_format=NotifyFormat.TEXT,
        )
        reason = log.getvalue()
    if not sent:
        last = reason.strip().splitlines()[-1] if reason.strip() else "no reason given"
        last = refused[0] if refused else last
        raise SendError(f"The service did not take it: {last}".replace(secret.url, "…")[:500])


KIND = ChannelKind("apprise", "Chat, pager or SMS (apprise)", AppriseOptions, AppriseSecret, send)
