"""What the environment gives: ITIM_HOME, database, broker, secrets.

Every secret may come as NAME or as NAME_FILE (a path whose content is the value). Secrets that nobody gives
are made once and kept in ITIM_HOME, readable by the owner alone.
"""

import base64
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

UNREADABLE = "is the port a number, and are / @ : of the password written as %2F %40 %3A?"
"""Says what is wrong without a piece of the address, which may be one of the password."""
LONGEST_SOCKET_FOLDER = 80  # bytes; a socket's whole path may have 107
BASE_DIR = Path(__file__).resolve().parent.parent


class EnvironmentProblem(Exception):
    """A variable that cannot be used; its text is the one line a person needs."""


def value(name: str, default: str = "") -> str:
    """The variable NAME, or the content of the file that NAME_FILE names, or default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise EnvironmentProblem(f"{name}_FILE={path} cannot be read: {error}") from error
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """The variable NAME as yes or no; anything but 1/true/yes/on/0/false/no/off is refused."""
    text = value(name).strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise EnvironmentProblem(f"{name}={text} is neither yes nor no")


def number(name: str, default: int) -> int:
    """The variable NAME as a whole number that is not negative; anything else is refused."""
    text = value(name).strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise EnvironmentProblem(f"{name}={text} is not a whole number")
    return int(text)


def home() -> Path:
    """ITIM_HOME, made with mode 0700 where it is missing."""
    path = Path(value("ITIM_HOME", str(BASE_DIR / "var"))).expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(f"ITIM_HOME={path} cannot be made: {error.strerror}") from error
    return path


def socket_folder() -> Path:
    """Where the embedded servers' unix sockets lie: ITIM_HOME/run, or under /tmp if that path is too long."""
    place = home() / "run"
    plain = re.fullmatch(r"[A-Za-z0-9_./+-]+", str(place))
    if plain and len(os.fsencode(place)) <= LONGEST_SOCKET_FOLDER:
        return place
    return Path("/tmp") / f"itim-{os.getuid()}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:16]}"  # noqa: S108


def database_url() -> str:
    """DATABASE_URL, else the embedded server's address (it answers while `manage.py up` runs)."""
    return value("DATABASE_URL") or f"postgresql://itim@/itim?host={socket_folder() / 'pg'}"


def redis_url() -> str:
    """REDIS_URL, else the embedded server's address."""
    return value("REDIS_URL") or f"unix://{socket_folder() / 'valkey.sock'}?db=0"


def broker_url(url: str) -> str:
    """The same server as Celery writes it: redis+socket:// where redis-py says unix://."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={dict(parse_qsl(parts.query)).get('db', '0')}"


def kept_secret(name: str, file: str, make: Any) -> str:
    """The secret NAME, from the environment, else from ITIM_HOME/file, else made and kept there (0600)."""
    if given := value(name):
        return given
    path = home() / file
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror}") from error
    made: str = make()
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(made)
    return made


def fernet_key() -> str:
    """A new key as cryptography's Fernet wants it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def secret_key() -> str:
    return kept_secret("SECRET_KEY", "secret_key", lambda: secrets.token_urlsafe(64))


def encryption_keys() -> list[str]:
    """Fernet keys, comma-separated, newest first: the first encrypts, all decrypt (rotation)."""
    text = kept_secret("ITIM_ENCRYPTION_KEY", "encryption_key", fernet_key)
    return [key.strip() for key in text.split(",") if key.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry from postgresql://user:password@host:port/name?option=value.

    A host that is a percent-encoded path (or ?host=/path) means a unix socket in that folder.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EnvironmentProblem(f"DATABASE_URL cannot be read: {UNREADABLE}") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise EnvironmentProblem(
            f"DATABASE_URL must begin with postgresql://, not with {parts.scheme or 'nothing'!r}"
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise EnvironmentProblem("DATABASE_URL names no database: postgresql://user@host:5432/NAME")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "") or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "itim", "connect_timeout": "10", **options},
    }


def mail(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings out of smtp://user:password@host:port; smtps is TLS, smtp+tls STARTTLS."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EnvironmentProblem(f"EMAIL_URL cannot be read: {UNREADABLE}") from None
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise EnvironmentProblem("EMAIL_URL must look like smtp://user@host:25, smtps:// or smtp+tls://")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
    }
