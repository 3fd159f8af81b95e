"""Mail by SMTP (RFC 5321). Without a host of its own a channel uses the installation's server (EMAIL_URL)."""

import smtplib
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from monitoring.channels.base import ChannelKind, Message, SendError
from probes.options import OptionError, Options, option


def _addresses(value: Any) -> tuple[str, ...]:
    items = value.replace(";", ",").split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise ValueError("must be a list of mail addresses")
    found = tuple(str(item).strip() for item in items if str(item).strip())
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise ValueError(f"{address!r} is not a mail address") from None
    return found


@dataclass(frozen=True, slots=True)
class MailOptions(Options):
    to: tuple[str, ...] = option(
        help="Mail addresses, separated by commas", minimum=1, maximum=50, parse=_addresses, dump=list
    )
    sender: str = option("", "From; empty: the installation's", maximum=200)
    host: str = option("", "SMTP server; empty: the installation's", maximum=253)
    port: int = option(25, "Port of the server", minimum=1, maximum=65535)
    security: str = option("none", "How the connection is secured", choices=("none", "starttls", "tls"))
    user: str = option("", "Login, if the server wants one", maximum=200)

    def check(self) -> None:
        if "\n" in self.sender or "\r" in self.sender:
            raise OptionError("sender", "must be one line")


@dataclass(frozen=True, slots=True)
class MailSecret(Options):
    password: str = option("", "Password of the login", maximum=500)


def send(message: Message, options: MailOptions, secret: MailSecret) -> None:
    """One SMTP conversation. 4xx answers and lost connections may be retried, 5xx not (RFC 5321 4.2.1)."""
    headers = {
        "Message-ID": f"<{message.message_id}>",
        "References": f"<{message.thread_id}>",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(
        " ".join(message.subject.split()),
        message.text,
        options.sender or None,
        list(options.to),
        headers=headers,
        connection=_connection(options, secret),
    )
    mail.attach_alternative(message.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        raise SendError(f"Recipients refused: {code} {_text(reason)}", retry=code < 500) from error
    except smtplib.SMTPResponseException as error:
        raise SendError(
            f"Server answered {error.smtp_code} {_text(error.smtp_error)}", retry=error.smtp_code < 500
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendError(f"Mail server: {error}") from error


def _connection(options: MailOptions, secret: MailSecret) -> Any:
    if not options.host:
        return get_connection(timeout=20)
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=options.host,
        port=options.port,
        username=options.user,
        password=secret.password,
        use_tls=options.security == "starttls",
        use_ssl=options.security == "tls",
        timeout=20,
    )


def _text(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason


KIND = ChannelKind("mail", "Mail", MailOptions, MailSecret, send)
