"""/api/v1/agent/: what agents speak to. They have keys of their own, no session and no user."""

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from monitoring.agents import enrollment, reports
from monitoring.agents.enrollment import EnrollmentError, Machine, hash_of
from monitoring.agents.reports import PACKED, ReportError
from monitoring.facts import clip
from monitoring.models import Agent
from monitoring.models.agent import agent_of_key

ENROLL_BYTES = 64 * 1024


def _refuse(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)


def _body(request: HttpRequest, most: int) -> bytes:
    """The request's body; ReportError 413 before it is read when it is too long."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise ReportError(400, "Content-Length is no number") from None
    if length > most:
        raise ReportError(413, f"a report may have {most} bytes")
    try:
        body: bytes = request.read(most + 1)
    except (UnreadablePostError, RawPostDataException, OSError):
        raise ReportError(400, "the body could not be read") from None
    if len(body) > most:
        raise ReportError(413, f"a report may have {most} bytes")
    return body


@csrf_exempt
@require_POST
def enroll(request: HttpRequest) -> JsonResponse:
    """Trade a one-time token for a key."""
    try:
        token, machine = _application(_body(request, ENROLL_BYTES))
        agent, key = enrollment.enroll(token, machine)
    except ReportError as error:
        return _refuse(error.status, str(error))
    except EnrollmentError as error:
        return _refuse(403, str(error))
    answer = {"agent_id": agent.pk, "key": key, "interval": enrollment.INTERVAL}
    return JsonResponse(answer, status=201)


def _application(body: bytes) -> tuple[str, Machine]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ReportError(400, "the body is not JSON") from None
    if not isinstance(data, dict):
        raise ReportError(400, "the body is no object")
    for name in ("token", "hostname", "machine_id"):
        if not isinstance(data.get(name), str) or not clip(data[name], 100):
            raise ReportError(400, f"{name}: a text is needed")
    return data["token"], Machine(
        clip(data["hostname"], 100),
        clip(data["machine_id"], 100),
        clip(data.get("agent_version"), 40),
        clip(data.get("os"), 100),
    )


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> JsonResponse:
    """Take an agent's readings and inventory."""
    agent = _agent(request)
    if agent is None:
        return _refuse(401, "the key is unknown or revoked")
    try:
        packed = request.headers.get("Content-Encoding", "").lower() == "gzip"
        taken = reports.take(agent, reports.unpack(_body(request, PACKED), packed))
    except ReportError as error:
        reports.count_refused(agent)
        return _refuse(error.status, str(error))
    answer: dict[str, Any] = {
        "accepted": taken.accepted,
        "duplicates": taken.duplicates,
        "rejected": taken.rejected,
        "config": reports.configuration(agent, taken.send_inventory),
    }
    return JsonResponse(answer)


def _agent(request: HttpRequest) -> Agent | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return agent_of_key(hash_of(key.strip())) if scheme.lower() == "bearer" and key.strip() else None
