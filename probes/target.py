"""Whom a probe speaks to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """`address` is an IPv4 or IPv6 address or a DNS name; `name` is what people call the device."""

    address: str
    name: str = ""
