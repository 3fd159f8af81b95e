"""From rows to what probes take: targets, options, credentials. Nothing else decrypts them."""

from collections.abc import Sequence
from contextlib import suppress
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
    options = _parsed(rows)
    ids = {pk for row in rows for pk in (row.credential_id, row.device.credential_id) if pk}
    opened = {pk: _opened(login) for pk, login in _logins(ids).items()}
    return [_job(row, options.get(row.pk), opened) for row in rows]


def _logins(ids: set[int]) -> dict[int, CredentialRow]:
    """Credentials at once; one that no key opens must not take the others with it."""
    try:
        return CredentialRow.objects.in_bulk(ids)
    except ImproperlyConfigured:
        return CredentialRow.objects.defer("secret").in_bulk(ids)


def job_of(check: Check) -> Job:
    """The job of one check outside of its schedule."""
    _options.pop(check.pk, None)
    logins = [row for row in (check.credential, check.device.credential) if row]
    return _job(check, _parsed([check]).get(check.pk), {row.pk: _opened(row) for row in logins})


def _parsed(rows: list[Check]) -> dict[int, Options]:
    """Options merged with the plan, by check; those that are wrong are left out."""
    found = {row.pk: kept[1] for row in rows if (kept := _options.get(row.pk)) and kept[0] == row.updated_at}
    stale = {row.pk: row for row in rows if row.pk not in found}
    texts = Check.objects.filter(pk__in=stale).values_list("pk", "options", "plan") if stale else ()
    fresh: dict[int, tuple[datetime, Options]] = {}
    for pk, options, plan in texts:
        if kind := KINDS.get(stale[pk].kind):
            with suppress(OptionError):
                fresh[pk] = (stale[pk].updated_at, kind.Options.from_dict({**options, **plan}))
    if len(_options) + len(fresh) > REMEMBERED:
        _options.clear()
    _options.update(fresh)
    return found | {pk: options for pk, (_, options) in fresh.items()}


def _opened(row: CredentialRow) -> Credential | str:
    try:
        return open_credential(row)
    except (TypeError, KeyError):
        return f"credential {row.name} is not complete"
    except ImproperlyConfigured:
        return f"credential {row.name} cannot be opened: ITIM_ENCRYPTION_KEY has changed"


def _job(row: Check, options: Options | None, opened: dict[int, Credential | str]) -> Job:
    until = row.lease_until.timestamp() if row.lease_until else 0.0
    kind = KINDS.get(row.kind)
    if kind is None:
        return Job(row.pk, until, error=f"no probe is named {row.kind}")
    if options is None:
        return Job(row.pk, until, error=_option_error(row, kind))
    if not row.device.address:
        return Job(row.pk, until, error="the device has no address")
    login = _login(row, kind, opened)
    if isinstance(login, str):
        return Job(row.pk, until, error=login)
    target = Target(row.device.address, row.device.name)
    return Job(row.pk, until, kind, target, options, login)


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
