"""Column types that Django does not have."""

import ipaddress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


class InetField(models.Field):
    """PostgreSQL inet: an address with its prefix length, kept as ipaddress' interface objects."""

    def db_type(self, connection: Any) -> str:
        return "inet"

    def to_python(self, value: Any) -> Any:
        if value in (None, "") or isinstance(value, ipaddress.IPv4Interface | ipaddress.IPv6Interface):
            return value or None
        try:
            return ipaddress.ip_interface(str(value).strip())
        except ValueError as error:
            raise ValidationError(f"{value!r} is no address with prefix, such as 192.0.2.7/24") from error

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else ipaddress.ip_interface(value)

    def get_prep_value(self, value: Any) -> Any:
        value = self.to_python(value)
        return None if value is None else str(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")


class Host(models.Func):
    """The address alone, whatever its prefix length."""

    template = "(host(%(expressions)s)::inet)"
    output_field = InetField()


@InetField.register_lookup
class Within(models.Lookup):
    """Addresses in a network, by the address alone (PostgreSQL's <<=; served by GiST over Host)."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_params = self.process_lhs(compiler, connection)
        return f"(host({left})::inet) <<= %s::inet", [*left_params, str(self.rhs)]
