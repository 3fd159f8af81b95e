"""What a channel is: options, secret and one function that sends. No Django models in here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from probes.options import Options


class SendError(Exception):
    """The message was not taken; the text goes to the delivery log.

    retry: whether it may be taken later. What is wrong with the channel and not with the message (a login, an
    address, a server that is away) is always worth another try: somebody will mend it.
    """

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one channel.

    `message_id` is the same at every try: a peer that saw it before can drop the repeat. `thread_id` is the
    same for all messages of one alert. `data` is what machines get: plain JSON values.
    """

    message_id: str
    thread_id: str
    subject: str
    text: str
    html: str
    severity: str
    resolved: bool
    url: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One way to reach people. `send` returns when the peer took the message, else raises SendError."""

    name: str
    label: str
    options: type[Options]
    secret: type[Options]
    send: Callable[[Message, Any, Any], None]


KINDS: dict[str, ChannelKind] = {}


def register(kind: ChannelKind) -> None:
    """Add a kind; a second of the same name fails at start."""
    if kind.name in KINDS:
        raise RuntimeError(f"Two channels are called {kind.name!r}")
    KINDS[kind.name] = kind
