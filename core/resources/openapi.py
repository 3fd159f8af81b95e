"""OpenAPI of resources: operations and components straight from the attributes, through drf-spectacular."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.resources.attributes import Attribute, Reference, References
from core.resources.base import Resource
from core.resources.filters import filterable, filterset

ERROR = {"type": "object", "properties": {"detail": {"type": "string"}}, "additionalProperties": True}
KEYS = {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1}}
REFERENCE_IN = {
    "oneOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string"},
        {"type": "object", "description": "id, or the natural key", "additionalProperties": True},
    ]
}
Schema = dict[str, Any]


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
        plural, one = resource.label_plural.lower(), resource.model._meta.verbose_name
        out, into = _of(resource, ""), _of(resource, "Write")
        etag = _parameter(
            "If-Match", {"type": "string"}, "header", "Refuse (412) unless the ETag is still this"
        )
        fields = _parameter(
            "fields", {"type": "string"}, "query", "Names to answer with, separated by commas"
        )
        change = {"requestBody": _body(into | {}), "responses": _responses("200", out, "412")}
        table: dict[tuple[str, bool], Schema] = {
            ("GET", False): {
                "name": "list",
                "summary": f"List {plural}",
                "parameters": list_parameters(resource),
                "responses": _responses("200", _page(out)),
            },
            ("GET", True): {
                "name": "read",
                "summary": f"Read a {one}",
                "parameters": [fields],
                "responses": _responses("200", out),
            },
        }
        if resource.allows("add"):
            many_in = {"oneOf": [into, {"type": "array", "items": into, "minItems": 1}]}
            many_out = {"oneOf": [out, {"type": "array", "items": out}]}
            table["POST", False] = {
                "name": "create",
                "summary": f"Create one of {plural}, or a list, all or nothing",
                "requestBody": _body(many_in),
                "responses": _responses("201", many_out),
            }
        if resource.allows("change"):
            part = _of(resource, "Change")
            table["PUT", True] = {
                "name": "replace",
                "summary": f"Replace a {one}",
                "parameters": [etag],
                **change,
            }
            table["PATCH", True] = {
                "name": "change",
                "summary": f"Change a {one}",
                "parameters": [etag],
                "requestBody": _body(part),
                "responses": _responses("200", out, "412"),
            }
            listed = {
                "type": "array",
                "minItems": 1,
                "items": {
                    "allOf": [
                        part,
                        {"required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1}}},
                    ]
                },
            }
            table["PATCH", False] = {
                "name": "change_many",
                "summary": f"Change many {plural}, all or nothing",
                "requestBody": _body(listed),
                "responses": _responses("200", {"type": "array", "items": out}),
            }
        if resource.allows("delete"):
            table["DELETE", True] = {
                "name": "delete",
                "summary": f"Delete a {one}",
                "parameters": [etag],
                "responses": _responses("204", None, "409", "412"),
            }
            table["DELETE", False] = {
                "name": "delete_many",
                "summary": f"Delete many {plural} by id, all or nothing",
                "requestBody": _body(KEYS),
                "responses": _responses("204", None, "409"),
            }
        return table.get((method.upper(), detail))


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
