"""What a credential of each kind holds: the dataclasses of probes.credentials, read from untrusted JSON."""

from dataclasses import MISSING, Field, fields
from typing import Any, Final, get_args, get_type_hints

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from probes.credentials import Credential, HttpBearer, HttpLogin, SnmpCommunity, SnmpUser

TYPES: Final[dict[str, type]] = {
    "snmp-community": SnmpCommunity,
    "snmp-user": SnmpUser,
    "http-login": HttpLogin,
    "http-bearer": HttpBearer,
}
LONGEST = 4096
SHORTEST_SNMP_PASSWORD = 8
"""RFC 3414, 11.2: a shorter one is not a password but an invitation."""


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of a kind's dataclass; ValidationError names a kind that does not exist."""
    if kind not in TYPES:
        raise ValidationError({"kind": f"There is no kind {kind!r}; there are {', '.join(TYPES)}"})
    return fields(TYPES[kind])


def choices_of(kind: str, name: str) -> tuple[str, ...]:
    """The words that a field takes; empty where it takes any text."""
    return get_args(get_type_hints(TYPES[kind])[name])


def secret_fields(kind: str) -> frozenset[str]:
    """Names of the fields that nobody gets to read again: those that the repr hides."""
    return frozenset(field.name for field in fields_of(kind) if not field.repr)


@sensitive_variables()
def read_secret(kind: str, data: Any) -> Credential:
    """The typed credential that `data` describes; ValidationError on `secret` names the field, no value."""
    known = {field.name: field for field in fields_of(kind)}
    if not isinstance(data, dict):
        raise _wrong(f"must be an object with {', '.join(known)}")
    if unknown := sorted(set(data) - set(known)):
        raise _wrong(f"has no field {', '.join(map(str, unknown))}; {kind} has {', '.join(known)}")
    for name, field in known.items():
        _check(kind, field, data.get(name, ""), given=name in data)
    made = TYPES[kind](**data)
    if isinstance(made, SnmpUser):
        _check_snmp_user(made)
    return made


@sensitive_variables()
def merged(kind: str, stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What a form sends laid over what is stored: a secret field left empty keeps its value.

    Except the password of a protocol that is no longer wanted.
    """
    hidden = secret_fields(kind)
    protocols = {f"{one}_password": f"{one}_protocol" for one in ("auth", "priv")}
    kept = {
        name: value
        for name, value in stored.items()
        if name in hidden and (name not in protocols or given.get(protocols[name]))
    }
    return {**kept, **{name: value for name, value in given.items() if value or name not in hidden}}


@sensitive_variables()
def _check(kind: str, field: Field, value: Any, given: bool) -> None:
    if not given and field.default is MISSING:
        raise _wrong(f"lacks {field.name}", field.name)
    if not isinstance(value, str) or "\x00" in value or len(value) > LONGEST:
        raise _wrong(f"needs text of at most {LONGEST} characters as {field.name}", field.name)
    if given and not value and field.default is MISSING:
        raise _wrong(f"needs {field.name}", field.name)
    choices = choices_of(kind, field.name)
    if given and choices and value not in choices:
        raise _wrong(f"takes one of {', '.join(filter(None, choices))} as {field.name}", field.name)


@sensitive_variables()
def _check_snmp_user(made: SnmpUser) -> None:
    if made.priv_protocol and not made.auth_protocol:
        raise _wrong(
            "cannot encrypt without authentication: auth_protocol is needed with priv_protocol",
            "auth_protocol",
        )
    for protocol, password in (("auth", made.auth_password), ("priv", made.priv_password)):
        wanted = getattr(made, f"{protocol}_protocol")
        if wanted and len(password) < SHORTEST_SNMP_PASSWORD:
            raise _wrong(
                f"needs {protocol}_password of at least {SHORTEST_SNMP_PASSWORD} characters",
                f"{protocol}_password",
            )
        if password and not wanted:
            raise _wrong(f"has {protocol}_password but no {protocol}_protocol", f"{protocol}_protocol")


def _wrong(text: str, field: str = "") -> ValidationError:
    """params say which field of the secret it is about, for forms."""
    return ValidationError({"secret": ValidationError(f"The secret {text}", params={"field": field})})
