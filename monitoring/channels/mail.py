"""Mail by SMTP (RFC 5321). Without a host of its own a channel uses the installation's server (EMAIL_URL)."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from monitoring.channels.base import ChannelKind, Message, SendError
from probes import network
from probes.options import OptionError, Options, option

LOGIN_WANTED = frozenset({530, 534, 535, 538})
"""Answers that ask for a login, or for a safer one (RFC 4954, 6)."""


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


def _host(value: Any) -> str:
    try:
        network.check_literal(str(value))
    except network.NetworkError as error:
        raise ValueError(str(error)) from None
    return str(value)


@dataclass(frozen=True, slots=True)
class MailOptions(Options):
    to: tuple[str, ...] = option(
        help="Mail addresses, separated by commas", minimum=1, maximum=50, parse=_addresses, dump=list
    )
    sender: str = option("", "From; empty: the installation's", maximum=200)
    host: str = option("", "SMTP server; empty: the installation's", maximum=253, parse=_host)
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
    """One SMTP conversation, with an address that the one door to the network lets through.

    A 5xx answer (RFC 5321 4.2.1) to the recipients or the text is final. One to the greeting, to STARTTLS, to
    the login or to the sender tells of the channel, not of the message: that is tried again.
    """
    connection = _connection(options, secret)
    mail = _mail(message, options, connection)
    with network.guarded() as refused:
        try:
            _open(connection)
            _say(mail)
        except network.NetworkError as error:
            raise SendError(f"Mail server: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(f"Mail server: {refused[0] if refused else error}") from error
        finally:
            with suppress(OSError, smtplib.SMTPException, network.NetworkError):
                connection.close()


def _open(connection: Any) -> None:
    """Connect, secure and log in; every refusal is the channel's."""
    try:
        connection.open()
    except smtplib.SMTPResponseException as error:
        raise SendError(f"Mail server refuses the {_refused(error)}: {_answer(error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise SendError(f"Mail server lacks what the channel asks for: {error}") from error


def _refused(error: smtplib.SMTPResponseException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError():
            return "login"
        case smtplib.SMTPConnectError():
            return "connection"
    return "conversation"


def _say(mail: EmailMultiAlternatives) -> None:
    """Hand the message over."""
    try:
        mail.send()
    except smtplib.SMTPHeloError as error:
        raise SendError(f"Mail server refuses the conversation: {_answer(error)}") from error
    except smtplib.SMTPSenderRefused as error:
        raise SendError(f"Mail server refuses the sender {error.sender}: {_answer(error)}") from error
    except smtplib.SMTPRecipientsRefused as error:
        answers = error.recipients.values()
        code, reason = next(iter(answers))
        later = any(code < 500 or code in LOGIN_WANTED for code, _ in answers)
        raise SendError(f"Recipients refused: {code} {_text(reason)}", retry=later) from error
    except smtplib.SMTPResponseException as error:
        later = error.smtp_code < 500 or error.smtp_code in LOGIN_WANTED
        raise SendError(f"Server answered {_answer(error)}", retry=later) from error


def _mail(message: Message, options: MailOptions, connection: Any) -> EmailMultiAlternatives:
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
        connection=connection,
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


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


def _answer(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason


KIND = ChannelKind("mail", "Mail", MailOptions, MailSecret, send)
