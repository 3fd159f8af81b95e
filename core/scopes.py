"""What an API token may do: read, write, or resource:action; always within what its user may do."""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError

from core.constraints import resource_models

READ, WRITE = "read", "write"
SCOPE = re.compile(r"([a-z_]+\.(?:[a-z_]+|\*)|\*):([a-z][a-z_]*|\*)")


def check_scopes(scopes: Iterable[str]) -> None:
    """ValidationError on `scopes` that names the first which means nothing; there must be one at least."""
    scopes = list(scopes)
    if not scopes:
        raise ValidationError({"scopes": "Name at least one scope, such as read"})
    for scope in scopes:
        if scope in (READ, WRITE):
            continue
        match = SCOPE.fullmatch(scope)
        if not match:
            raise ValidationError(
                {"scopes": f"{scope!r} is no scope: read, write, or such as inventory.device:view"}
            )
        try:
            resource_models(match[1])
        except ValidationError as error:
            raise ValidationError({"scopes": f"{scope!r}: {error.messages[0]}"}) from error
