"""How addresses are read, written and filtered by: the attribute of InetField."""

import ipaddress
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from core.resources.attributes import Attribute, attribute_kind
from core.resources.filters import BUILDERS
from core.search import network
from inventory.fields import InetField


@attribute_kind(InetField)
class Inet(Attribute):
    """An address with its prefix length, as text."""

    kind = "inet"
    json_name = "an address with prefix, such as 192.0.2.7/24"
    filter_help = "An address or a prefix: all addresses within it"

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "example": "192.0.2.7/24"}


class NetworkField(forms.CharField):
    """An address, a prefix, or the beginning of an IPv4 address."""

    def clean(self, value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
        text = super().clean(value)
        if not text:
            return None
        found = network(text)
        if found is None:
            raise ValidationError(f"{text!r} is neither an address nor a prefix, such as 192.0.2.0/24")
        return found


class WithinFilter(django_filters.Filter):
    field_class = NetworkField

    def filter(self, rows: QuerySet, value: Any) -> QuerySet:
        return rows if value is None else rows.filter(**{f"{self.field_name}__within": value})


def _inet(name: str, attribute: Attribute) -> dict[str, django_filters.Filter]:
    return {name: WithinFilter(field_name=name, label=f"{attribute.label} within")}


BUILDERS["inet"] = _inet
