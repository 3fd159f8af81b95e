"""From rows to what probes take: targets, options, credentials. Nothing else decrypts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from core.models import Credential as CredentialRow
from monitoring.models import Check
from probes import credentials
from probes.credentials import Credential
from probes.kinds import KINDS, Kind
from probes.options import OptionError, Options
from probes.target import Target

TYPES: dict[str, type[Any]] = {
    "snmp-community": credentials.SnmpCommunity,
    "snmp-user": credentials.SnmpUser,
    "http-login": credentials.HttpLogin,
    "http-bearer": credentials.HttpBearer,
}
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Job:
    """A run to make. `error` says why it cannot be made; `until` is the end of its lease, epoch seconds."""

    check_id: int
    until: float
    kind: Kind | None = None
    target: Target | None = None
    options: Options | None = None
    credential: Credential | None = None
    error: str = ""


_options: dict[int, tuple[datetime, Options]] = {}  # parsed again only when the row has changed


def open_credential(row: CredentialRow) -> Credential:
    """The decrypted login as probes take it; TypeError or KeyError when the row does not fit its kind."""
    opened: Credential = TYPES[row.kind](**row.secret)
    return opened


def load(check_ids: Sequence[int]) -> list[Job]:
    """Jobs of these checks: those that are still claimed. Three queries."""
    rows = list(
        Check.objects.filter(pk__in=check_ids, enabled=True, lease_until__isnull=False)
        .select_related("device")
        .only(
            "kind", "updated_at", "lease_until", "credential_id",
            "device__name", "device__address", "device__credential_id",
        )
    )  # fmt: skip
    _refresh([row for row in rows if _options.get(row.pk, (None,))[0] != row.updated_at])
    ids = {pk for row in rows for pk in (row.credential_id, row.device.credential_id) if pk}
    opened = {pk: _opened(login) for pk, login in _logins(ids).items()}
    return [_job(row, opened) for row in rows]


def _logins(ids: set[int]) -> dict[int, CredentialRow]:
    """Credentials at once; one that no key opens must not take the others with it."""
    try:
        return CredentialRow.objects.in_bulk(ids)
    except ImproperlyConfigured:
        return CredentialRow.objects.defer("secret").in_bulk(ids)


def job_of(check: Check) -> Job:
    """The job of one check outside of its schedule."""
    _refresh([check])
    logins = [row for row in (check.credential, check.device.credential) if row]
    return _job(check, {row.pk: _opened(row) for row in logins})


def _refresh(rows: list[Check]) -> None:
    if len(_options) > REMEMBERED:
        _options.clear()
    texts = Check.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "options", "plan")
    raw = {pk: {**options, **plan} for pk, options, plan in texts} if rows else {}
    for row in rows:
        _options.pop(row.pk, None)
        kind = KINDS.get(row.kind)
        if kind and row.pk in raw:
            try:
                _options[row.pk] = (row.updated_at, kind.Options.from_dict(raw[row.pk]))
            except OptionError:
                continue


def _opened(row: CredentialRow) -> Credential | str:
    try:
        return open_credential(row)
    except (TypeError, KeyError):
        return f"credential {row.name} is not complete"
    except ImproperlyConfigured:
        return f"credential {row.name} cannot be opened: ITIM_ENCRYPTION_KEY has changed"


def _job(row: Check, opened: dict[int, Credential | str]) -> Job:
    until = row.lease_until.timestamp() if row.lease_until else 0.0
    kind = KINDS.get(row.kind)
    if kind is None:
        return Job(row.pk, until, error=f"no probe is named {row.kind}")
    if row.pk not in _options:
        return Job(row.pk, until, error=_option_error(row, kind))
    if not row.device.address:
        return Job(row.pk, until, error="the device has no address")
    login = _login(row, kind, opened)
    if isinstance(login, str):
        return Job(row.pk, until, error=login)
    target = Target(row.device.address, row.device.name)
    return Job(row.pk, until, kind, target, _options[row.pk][1], login)


def _option_error(row: Check, kind: Kind) -> str:
    try:
        kind.Options.from_dict({**row.options, **row.plan})
    except OptionError as error:
        return f"option {error}"
    return "the options have just changed"


def _login(row: Check, kind: Kind, opened: dict[int, Credential | str]) -> Credential | str | None:
    """The check's own credential; else the device's, where it is of a kind that the probe takes."""
    usable = (*kind.needs_credential, *kind.takes_credential)
    if row.credential_id:
        login = opened[row.credential_id]
    else:
        login = opened.get(row.device.credential_id or 0)  # type: ignore[assignment]
        if not isinstance(login, str) and type(login).__name__ not in usable:
            login = None  # type: ignore[assignment]
    if login is None and kind.needs_credential:
        return f"{kind.label} needs a credential"
    return login if usable else None
