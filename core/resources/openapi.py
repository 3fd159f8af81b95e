"""OpenAPI of resources: operations and components straight from the attributes, through drf-spectacular."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.resources.attributes import Attribute, Reference, References
from core.resources.base import Resource
from core.resources.filters import filterable, filterset

ERROR = {"type": "object", "properties": {"detail": {"type": "string"}}, "additionalProperties": True}
KEY = {"type": "integer", "minimum": 1}
KEY_AND_TAG = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": KEY,
        "_etag": {"type": "string", "description": "Refuse all (412) unless the object's ETag is still this"},
    },
}
KEYS = {"type": "array", "minItems": 1, "items": {"oneOf": [KEY, KEY_AND_TAG]}}
REFERENCE_IN = {
    "oneOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string"},
        {"type": "object", "description": "id, or the natural key", "additionalProperties": True},
    ]
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "Refuse (412) unless the ETag is still this",
}
Schema = dict[str, Any]
Operations = dict[tuple[str, bool], Schema]
"""By method, and whether it is about one object."""


class ResourceSchema(AutoSchema):
    """Describes ResourceList and ResourceDetail."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema | None:
        """One operation of a resource's view; components are registered on the way."""
        self.registry, self.path, self.method = registry, path, method  # what get_auth reads
        resource: Resource = self.view.resource
        self.registry = registry
        component(registry, resource)
        detail = "{pk}" in path or "{id}" in path
        operation = self._operation(resource, method, detail)
        if operation is None:
            return None
        name = f"{resource.plural.replace('-', '_')}_{operation.pop('name')}"
        parameters = operation.pop("parameters", [])
        if detail:
            parameters = [_parameter("id", {"type": "integer", "minimum": 1}, "path"), *parameters]
        described: Schema = {"operationId": name, "tags": [resource.app], **operation}
        return (
            described
            | ({"parameters": parameters} if parameters else {})
            | {"security": self.get_auth() or [{}]}
        )

    def _operation(self, resource: Resource, method: str, detail: bool) -> Schema | None:
        table = _reading(resource)
        if resource.allows("add"):
            table |= _adding(resource)
        if resource.allows("change"):
            table |= _changing(resource)
        if resource.allows("delete"):
            table |= _deleting(resource)
        return table.get((method.upper(), detail))


def _reading(resource: Resource) -> Operations:
    out = _of(resource, "")
    fields = _parameter("fields", {"type": "string"}, "query", "Names to answer with, separated by commas")
    listed: Schema = {
        "name": "list",
        "summary": f"List {_many(resource)}",
        "parameters": list_parameters(resource),
        "responses": _responses("200", _page(out)),
    }
    one: Schema = {
        "name": "read",
        "summary": f"Read a {_one(resource)}",
        "parameters": [fields],
        "responses": _responses("200", out),
    }
    return {("GET", False): listed, ("GET", True): one}


def _adding(resource: Resource) -> Operations:
    out, into = _of(resource, ""), _of(resource, "Write")
    made: Schema = {
        "name": "create",
        "summary": f"Create one of {_many(resource)}, or a list, all or nothing",
        "requestBody": _body({"oneOf": [into, {"type": "array", "items": into, "minItems": 1}]}),
        "responses": _responses("201", {"oneOf": [out, {"type": "array", "items": out}]}),
    }
    return {("POST", False): made}


def _changing(resource: Resource) -> Operations:
    out, part = _of(resource, ""), _of(resource, "Change")
    whole: Schema = {
        "name": "replace",
        "summary": f"Replace a {_one(resource)}",
        "parameters": [IF_MATCH],
        "requestBody": _body(_of(resource, "Write")),
        "responses": _responses("200", out, "412"),
    }
    changed = {
        **whole,
        "name": "change",
        "summary": f"Change a {_one(resource)}",
        "requestBody": _body(part),
    }
    listed = {"type": "array", "minItems": 1, "items": {"allOf": [part, KEY_AND_TAG]}}
    many: Schema = {
        "name": "change_many",
        "summary": f"Change many {_many(resource)}, all or nothing",
        "requestBody": _body(listed),
        "responses": _responses("200", {"type": "array", "items": out}, "412"),
    }
    return {("PUT", True): whole, ("PATCH", True): changed, ("PATCH", False): many}


def _deleting(resource: Resource) -> Operations:
    one: Schema = {
        "name": "delete",
        "summary": f"Delete a {_one(resource)}",
        "parameters": [IF_MATCH],
        "responses": _responses("204", None, "409", "412"),
    }
    many: Schema = {
        "name": "delete_many",
        "summary": f"Delete many {_many(resource)} by id, all or nothing",
        "requestBody": _body(KEYS),
        "responses": _responses("204", None, "409", "412"),
    }
    return {("DELETE", True): one, ("DELETE", False): many}


def component(registry: Any, resource: Resource) -> None:
    """Register the shapes of a resource: as read, as written, as changed in part."""
    readable = {name: _read(attribute) for name, attribute in resource.readable.items()}
    writable = {name: _write(one) for name, one in resource.attributes.items() if one.writable}
    required = [name for name, one in resource.attributes.items() if one.required]
    shapes = {
        "": {"type": "object", "properties": readable},
        "Write": {"type": "object", "properties": writable} | ({"required": required} if required else {}),
        "Change": {"type": "object", "properties": writable},
    }
    for suffix, shape in shapes.items():
        made = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=resource.model.__name__ + suffix,
            type=ResolvedComponent.SCHEMA,
            schema=shape,
            object=f"{resource.plural}{suffix}",
        )
        registry.register_on_missing(made)


def list_parameters(resource: Resource) -> list[Schema]:
    """Query parameters of a list: filters by name, search, order, pages, fields."""
    found = []
    for name, one in filterset(resource, filterable(resource)).base_filters.items():
        attribute = resource.attribute(one.field_name)
        found.append(_filter_parameter(name, attribute))
    found += [
        _parameter("q", {"type": "string"}, "query", "Rows in which each of these words occurs"),
        _parameter("ordering", {"type": "string"}, "query", "Names separated by commas, - for descending"),
        _parameter("fields", {"type": "string"}, "query", "Names to answer with, separated by commas"),
        _parameter("etags", {"type": "boolean"}, "query", "Give each object's ETag too, as _etag"),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 5000, "default": 50}, "query"),
        _parameter("offset", {"type": "integer", "minimum": 0, "maximum": 10000000}, "query"),
        _parameter("cursor", {"type": "string"}, "query", "Empty to begin; then as `next` has it"),
    ]
    return found


def _filter_parameter(name: str, attribute: Attribute) -> Schema:
    if isinstance(attribute, Reference):
        word = "every" if isinstance(attribute, References) else "any"
        text = f"Ids, repeated; {word} of them. null: none"
        return _parameter(name, {"type": "array", "items": {"type": "string"}}, "query", text)
    shape = {"type": "string"} if attribute.kind == "text" and not attribute.choices else attribute.schema()
    if attribute.choices:
        return _parameter(name, {"type": "array", "items": shape}, "query", "Any of them")
    help_text = getattr(attribute, "filter_help", "")
    return _parameter(
        name, {key: one for key, one in shape.items() if key != "maxLength"}, "query", help_text
    )


def _parameter(name: str, schema: Schema, place: str, text: str = "") -> Schema:
    described = {"name": name, "in": place, "schema": schema} | ({"description": text} if text else {})
    return described | ({"required": True} if place == "path" else {})


def _nullable(schema: Schema) -> Schema:
    if "type" not in schema:
        return {"oneOf": [*schema["oneOf"], {"type": "null"}]} if "oneOf" in schema else schema
    found = {**schema, "type": [schema["type"], "null"]}
    return found | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def _read(attribute: Attribute) -> Schema:
    schema = attribute.schema()
    if isinstance(attribute, Attribute) and attribute.blank and "enum" in schema:
        schema = {**schema, "enum": ["", *schema["enum"]]}
    return (
        (_nullable(schema) if attribute.null else schema)
        | _about(attribute)
        | ({} if attribute.writable else {"readOnly": True})
    )


def _write(attribute: Attribute) -> Schema:
    if isinstance(attribute, References):
        schema: Schema = {"type": "array", "items": REFERENCE_IN}
    elif isinstance(attribute, Reference):
        schema = REFERENCE_IN
    else:
        schema = attribute.schema()
    return (_nullable(schema) if attribute.null else schema) | _about(attribute)


def _about(attribute: Attribute) -> Schema:
    return {"title": attribute.label} | ({"description": attribute.help} if attribute.help else {})


def _one(resource: Resource) -> str:
    return str(resource.model._meta.verbose_name)


def _many(resource: Resource) -> str:
    return resource.label_plural.lower()


def _of(resource: Resource, suffix: str) -> Schema:
    return {"$ref": f"#/components/schemas/{resource.model.__name__}{suffix}"}


def _page(items: Schema) -> Schema:
    url = {"type": ["string", "null"]}
    count = {"type": ["integer", "null"], "description": "null in pages by cursor"}
    shape = {"count": count, "next": url, "previous": url, "results": {"type": "array", "items": items}}
    return {"type": "object", "properties": shape, "required": list(shape)}


def _body(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses(code: str, schema: Schema | None, *more: str) -> Schema:
    done: Schema = {"description": "Done"}
    if schema is not None:
        done["content"] = {"application/json": {"schema": schema}}
    words = {
        "400": "Not valid",
        "401": "Not logged in",
        "403": "Not allowed",
        "404": "Not there",
        "409": "In use",
        "412": "Changed since",
    }
    failed = {"content": {"application/json": {"schema": ERROR}}}
    return {code: done} | {
        one: {"description": words[one], **failed} for one in sorted({"400", "401", "403", "404", *more})
    }
