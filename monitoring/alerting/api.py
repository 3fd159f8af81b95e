"""/api/v1/alerts/…/acknowledge/ and the like: on one alert, or on a list of them at once."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import require
from core.resources.attributes import checked_text
from monitoring.alerting import commands
from monitoring.alerting.commands import Command
from monitoring.models import Alert, seen_alerts

MOST = 5000
BODY = {
    "application/json": {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 5000, "description": "Kept in the alert's history"},
            "until": {"type": "string", "format": "date-time", "description": "End of a snooze"},
        },
    }
}
BODY_OF_MANY = {
    "application/json": {
        "type": "object",
        "required": ["ids"],
        "properties": {
            "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": MOST},
            **BODY["application/json"]["properties"],  # type: ignore[dict-item]
        },
    }
}
ANSWER = OpenApiResponse(
    {"type": "object", "properties": {"changed": {"type": "integer"}}}, "How many alerts it changed"
)
PATH = [OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)]


class AlertCommand(APIView):
    """POST {"text", "until"} → {"changed": 0 or 1}; a repeat changes nothing."""

    command = ""

    @extend_schema(request=BODY, responses={200: ANSWER})
    def post(self, request: Request, pk: int) -> Response:
        command = read(self.command, request.data)
        require(request.user, command.permission, Alert)
        alert = get_object_or_404(seen_alerts(request.user, command.permission), pk=pk)
        return Response({"changed": commands.carry_out(command, [alert], request.user)})


class OfMany(AutoSchema):
    """The same operation on many objects has a name of its own in the schema."""

    def get_operation_id(self) -> str:
        return f"{super().get_operation_id()}_many"


class AlertsCommand(APIView):
    """POST {"ids", "text", "until"} → {"changed": n}; all or nothing."""

    schema = OfMany()
    command = ""

    @extend_schema(request=BODY_OF_MANY, responses={200: ANSWER})
    def post(self, request: Request) -> Response:
        command, ids = read(self.command, request.data), read_ids(request.data)
        require(request.user, command.permission, Alert)
        with transaction.atomic():
            found = list(seen_alerts(request.user, command.permission).filter(pk__in=ids))
            if missing := sorted(set(ids) - {alert.pk for alert in found}):
                raise ValidationError({"ids": f"There is no alert {missing[0]} on which you may do this"})
            changed = commands.carry_out(command, found, request.user)
        return Response({"changed": changed})


def read(name: str, body: Any) -> Command:
    """The command of a body; ValidationError by field."""
    if not isinstance(body, dict):
        raise ValidationError("Send an object")
    known = {"ids", "text", *({"until"} if name == "snooze" else ())}
    if unknown := sorted(set(map(str, body)) - known):
        raise ValidationError({unknown[0]: "There is no such field"})
    text = body.get("text", "")
    if not isinstance(text, str):
        raise ValidationError({"text": "Must be a string"})
    return Command(name, checked_text(text), _until(body.get("until")) if name == "snooze" else None)


def _until(value: Any) -> Any:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1 < found.year < 9999:
        raise ValidationError({"until": "A time such as 2026-05-31T12:00:00Z is needed"})
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def read_ids(body: dict[str, Any]) -> list[int]:
    """The ids of a body; ValidationError when they are no list of numbers."""
    ids = body.get("ids")
    whole = isinstance(ids, list) and all(
        isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**63 for one in ids
    )
    if not whole or not 0 < len(ids) <= MOST:  # type: ignore[arg-type]
        raise ValidationError({"ids": f"A list of 1 to {MOST} numbers of alerts is needed"})
    return ids  # type: ignore[return-value]


def routes() -> list[tuple[str, Any, str]]:
    """(address under /api/v1/, view, name) of every command."""
    found: list[tuple[str, Any, str]] = []
    for name in commands.PERMISSIONS:
        one = type(f"Alert{name.title()}", (AlertCommand,), {"command": name})
        many = type(f"Alerts{name.title()}", (AlertsCommand,), {"command": name})
        found.append((f"alerts/<int:pk>/{name}/", one, f"api-alert-{name}"))
        found.append((f"alerts/{name}/", many, f"api-alerts-{name}"))
    return found
