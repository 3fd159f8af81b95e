"""The schema of the API (OpenAPI 3.1) and its pages, drawn by the server: no CDN, no inline script."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularJSONAPIView

METHODS = ("get", "post", "put", "patch", "delete")
DEEP = 4
FORMATS = {"date-time": "2026-05-31T12:00:00Z", "date": "2026-05-31", "decimal": "1.0"}
PLAIN: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True}


class SchemaView(SpectacularJSONAPIView):
    """GET /api/v1/schema/."""


@cache
def schema() -> dict[str, Any]:
    """The whole schema, made once a process."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@login_required
def docs(request: HttpRequest, name: str = "") -> HttpResponse:
    """The list of resources, or the operations of one."""
    sections = _sections()
    if name and name not in sections:
        raise Http404(f"The API has nothing named {name}")
    context = {
        "title": name or "API",
        "name": name,
        "sections": sorted((key, len(found)) for key, found in sections.items()),
        "operations": sections.get(name, []),
        "base_url": settings.BASE_URL,
        "description": schema()["info"].get("description", ""),
    }
    return render(request, "core/api_docs.html", context)


@cache
def _sections() -> dict[str, list[dict[str, Any]]]:
    """Operations by the first word of their path."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema()["paths"].items():
        section = path.removeprefix("/api/v1/").split("/")[0]
        for method in METHODS:
            if method in methods:
                found.setdefault(section, []).append(_operation(method, path, methods[method]))
    return found


def _operation(method: str, path: str, described: dict[str, Any]) -> dict[str, Any]:
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    text = described.get("summary") or described.get("description", "").strip().split("\n")[0]
    return {
        "method": method.upper(),
        "path": path,
        "id": described["operationId"],
        "summary": text,
        "parameters": [
            {
                "name": one["name"],
                "place": one["in"],
                "type": _type(one.get("schema", {})),
                "text": one.get("description", ""),
                "required": one.get("required", False),
            }
            for one in described.get("parameters", [])
        ],
        "body": _as_text(content.get("schema")),
        "answers": [
            {"code": code, "text": one.get("description", ""), "body": _as_text(_answer(one))}
            for code, one in described.get("responses", {}).items()
        ],
        "curl": _curl(method, path, content.get("schema")),
    }


def _answer(response: dict[str, Any]) -> Any:
    bodies: list[dict[str, Any]] = list(response.get("content", {}).values())
    return bodies[0].get("schema") if bodies else None


def _as_text(shape: Any) -> str:
    return json.dumps(example(shape), indent=2, ensure_ascii=False) if shape else ""


def _curl(method: str, path: str, body: Any) -> str:
    lines = [f"curl -X {method.upper()} '{settings.BASE_URL}{path}'", "  -H 'Authorization: Bearer TOKEN'"]
    if body:
        text = json.dumps(example(body), ensure_ascii=False).replace("'", "'\\''")
        lines += ["  -H 'Content-Type: application/json'", f"  -d '{text}'"]
    return " \\\n".join(lines)


def _type(shape: dict[str, Any]) -> str:
    kind = shape.get("type", "")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    if shape.get("enum"):
        return " | ".join(str(one) for one in shape["enum"])
    if kind == "array":
        return f"{_type(shape.get('items', {}))}, repeated"
    return str(shape.get("format") or kind or "any")


def example(shape: dict[str, Any], depth: int = 0) -> Any:
    """A value that fits a schema."""
    if "$ref" in shape:
        return example(schema()["components"]["schemas"][shape["$ref"].split("/")[-1]], depth)
    if "example" in shape:
        return shape["example"]
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in shape:
            return example(shape[choice][0], depth)
    kind = shape.get("type", "object")
    kind = str(kind[0] if isinstance(kind, list) else kind)
    if shape.get("enum"):
        return next((one for one in shape["enum"] if one not in ("", None)), None)
    if kind == "object":
        inner = shape.get("properties", {}) if depth < DEEP else {}
        return {name: example(one, depth + 1) for name, one in inner.items()}
    if kind == "array":
        return [example(shape.get("items", {}), depth + 1)] if depth < DEEP else []
    return _plain_example(kind, shape)


def _plain_example(kind: str, shape: dict[str, Any]) -> Any:
    if kind == "string":
        return FORMATS.get(shape.get("format", ""), "text")
    return PLAIN.get(kind)
