"""Typed secrets that probes log in with. Their repr never shows a secret."""

from dataclasses import dataclass, field
from typing import Literal

AuthProtocol = Literal["", "MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"]
PrivProtocol = Literal["", "DES", "AES", "AES192", "AES256", "AES192C", "AES256C"]


@dataclass(frozen=True, slots=True)
class SnmpCommunity:
    """SNMP v1 and v2c (RFC 1157, RFC 1901)."""

    community: str = field(repr=False)
    version: Literal["1", "2c"] = "2c"


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """SNMP v3 user (RFC 3414, RFC 3826, RFC 7860); AES192C and AES256C are Cisco's key expansion."""

    user: str
    auth_protocol: AuthProtocol = ""
    auth_password: str = field(default="", repr=False)
    priv_protocol: PrivProtocol = ""
    priv_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HttpLogin:
    """HTTP Basic (RFC 7617)."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpBearer:
    """HTTP Bearer token (RFC 6750)."""

    token: str = field(repr=False)


Credential = SnmpCommunity | SnmpUser | HttpLogin | HttpBearer
