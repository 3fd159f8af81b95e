"""schemathesis over the OpenAPI schema: whatever is sent, no answer is a server error or a page of HTML."""

import json
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings

from core.api.docs import schema as openapi
from core.resources import all_resources
from tests.core.resource_kit import administrator, make

pytestmark = pytest.mark.django_db

SCHEMA: Any = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi(), default=str)))
OURS = tuple(f"/api/v1/{resource.plural}/" for resource in all_resources())
OPERATIONS = [one.ok() for one in SCHEMA.get_all_operations()]
OURS_ONLY = [one for one in OPERATIONS if one.path.startswith(OURS)]


@pytest.mark.parametrize("operation", OURS_ONLY, ids=lambda one: f"{one.method} {one.path}")
def test_no_server_error(operation: Any, client: Client) -> None:
    client.force_login(administrator())
    client.raise_request_exception = False
    plural = operation.path.removeprefix("/api/v1/").split("/")[0]
    resource = next(one for one in all_resources() if one.plural == plural)
    make(resource)

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        answer = request(client, case)
        assert answer.status_code < 500, (
            case.method,
            case.formatted_path,
            case.query,
            case.body,
            answer.content,
        )
        assert b"outside what can be stored" not in answer.content, (case.query, case.body)
        assert "html" not in answer.headers.get("Content-Type", "")

    from hypothesis import given

    given(operation.as_strategy())(send)()


def request(client: Client, case: Any) -> Any:
    """Send a generated case through Django's own client."""
    body = (
        case.body
        if isinstance(case.body, dict | list | str | int | float | bool) or case.body is None
        else None
    )
    data = json.dumps(body) if case.body is not None and case.method != "GET" else ""
    headers = {
        str(name): str(value) for name, value in (case.headers or {}).items() if name != "Content-Type"
    }
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    return client.generic(
        case.method,
        case.formatted_path,
        data,
        content_type="application/json",
        headers=headers,
        query_params=query,
    )
