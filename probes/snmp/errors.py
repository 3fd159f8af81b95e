"""What can go wrong between us and an SNMP agent, each as one clear line."""

from collections.abc import Mapping
from typing import Final

# RFC 3416 section 3: names of error-status
STATUS_NAMES: Final = (
    "noError",
    "tooBig",
    "noSuchName",
    "badValue",
    "readOnly",
    "genErr",
    "noAccess",
    "wrongType",
    "wrongLength",
    "wrongEncoding",
    "wrongValue",
    "noCreation",
    "inconsistentValue",
    "resourceUnavailable",
    "commitFailed",
    "undoFailed",
    "authorizationError",
    "notWritable",
    "inconsistentName",
)


class SnmpError(Exception):
    """Base of all: the text is one line that names the agent and what happened."""


class SnmpTimeout(SnmpError):
    """No answer in time, or the operation took longer than it may."""


class SnmpUnreachable(SnmpTimeout):
    """The host said that nobody listens (ICMP port unreachable), or there is no route."""


class SnmpAuthError(SnmpError):
    """The agent, or we, refused the user, its passwords or its clock (RFC 3414 section 3.2)."""


class SnmpProtocolError(SnmpError):
    """The agent answered with something that is no valid answer."""


class SnmpGarbage(SnmpTimeout, SnmpProtocolError):
    """Something came, but until the time was up nothing that is an answer."""


class SnmpStatusError(SnmpProtocolError):
    """The agent answered with an error-status; `status` is its number (RFC 3416 section 3)."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class SnmpRowsError(SnmpProtocolError):
    """A walk that had to be stopped; `rows` holds what was read until then."""

    def __init__(self, text: str, rows: Mapping[str, object]) -> None:
        super().__init__(text)
        self.rows = rows


class SnmpLoop(SnmpRowsError):
    """The agent's OIDs do not increase: the walk would never end."""


class SnmpTruncated(SnmpRowsError):
    """More rows than allowed: the walk was cut off."""


def status_name(status: int) -> str:
    """The name of an error-status, such as "genErr" for 5."""
    return STATUS_NAMES[status] if 0 <= status < len(STATUS_NAMES) else f"error-status {status}"
