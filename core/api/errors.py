"""Errors of the API: {"detail": …} or messages by field, never a page of HTML."""

import logging
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.resources.etags import ObjectsChanged
from core.resources.locking import Busy
from core.resources.writing import InUse, InvalidObjects

log = logging.getLogger(__name__)


class PreconditionFailed(APIException):
    """If-Match names another state of the object than the stored one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The object has changed since: read it again"
    default_code = "precondition_failed"


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER."""
    if isinstance(error, InvalidObjects):
        return Response(by_index(error, context), status=412 if isinstance(error, ObjectsChanged) else 400)
    if isinstance(error, Busy):
        return Response({"detail": str(error)}, status=409)
    if isinstance(error, InUse):
        return Response({"detail": f"Cannot be deleted, it is used by {error}"}, status=409)
    if isinstance(error, ValidationError):
        return Response(by_field(error), status=400)
    if isinstance(error, PermissionDenied) and str(error):
        return Response({"detail": str(error)}, status=403)
    if isinstance(error, RequestDataTooBig):
        return Response({"detail": "The request is too large"}, status=413)
    if isinstance(error, DataError):
        log.info("refused by the database: %s", error)
        return Response({"detail": "A value lies outside what can be stored"}, status=400)
    return exception_handler(error, context)


def by_field(error: ValidationError) -> dict[str, Any]:
    """A ValidationError as {"field": [messages]}; what belongs to no field comes under "detail"."""
    if not hasattr(error, "error_dict"):
        return {"detail": " ".join(error.messages)}
    return {
        "detail" if name == NON_FIELD_ERRORS else name: list(found)
        for name, found in error.message_dict.items()
    }


def by_index(error: InvalidObjects, context: dict[str, Any]) -> dict[str, Any]:
    """Of one object its fields; of a list {"detail", "errors": {index: fields}}."""
    named = {
        index: {
            name or "detail": messages if name else " ".join(messages) for name, messages in found.items()
        }
        for index, found in sorted(error.errors.items())
    }
    if not getattr(context.get("view"), "many", False):
        return next(iter(named.values()))
    return {"detail": f"{error}; nothing was written", "errors": named}


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception, template_name: str = "404.html") -> HttpResponse:
    """handler404: JSON under /api/, a page elsewhere."""
    if is_api(request):
        return JsonResponse({"detail": f"There is nothing at {request.path}"}, status=404)
    return defaults.page_not_found(request, exception, template_name)


def server_error(request: HttpRequest, template_name: str = "500.html") -> HttpResponse:
    """handler500: JSON under /api/, a page elsewhere. The log has what happened."""
    if is_api(request):
        return JsonResponse({"detail": "The server failed; the log says why"}, status=500)
    return defaults.server_error(request, template_name)


def bad_request(request: HttpRequest, exception: Exception, template_name: str = "400.html") -> HttpResponse:
    """handler400."""
    if is_api(request):
        return JsonResponse({"detail": "The request cannot be read"}, status=400)
    return defaults.bad_request(request, exception, template_name)


def forbidden(request: HttpRequest, exception: Exception, template_name: str = "403.html") -> HttpResponse:
    """handler403."""
    if is_api(request):
        return JsonResponse({"detail": str(exception) or "You may not do this"}, status=403)
    return defaults.permission_denied(request, exception, template_name)
