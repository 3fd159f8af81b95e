"""What clients send, turned into changes: many objects at once, with errors by index and field."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from core.access import hidden_fields
from core.resources.attributes import Reference, References, json_type
from core.resources.base import Resource
from core.resources.references import Resolver
from core.resources.writing import Change, ErrorList, InvalidObjects


class Parser:
    """Parses JSON objects for one resource and one user. Foreign keys are looked up once a field."""

    def __init__(self, resource: Resource, user: Any) -> None:
        self.resource = resource
        self.user = user
        hidden = hidden_fields(user, resource.model)
        self.known = {name: one for name, one in resource.attributes.items() if name not in hidden}

    def changes(self, objects: Sequence[models.Model], bodies: Sequence[Any], partial: bool) -> list[Change]:
        """A change for each object and body; InvalidObjects with everything that is wrong with any of them.

        partial: fields that a body leaves out stay as they are; else they must be there or have a default.
        """
        resolvers = self._resolvers(body for body in bodies if isinstance(body, Mapping))
        errors = {}
        changes = []
        for index, (obj, body) in enumerate(zip(objects, bodies, strict=True)):
            values, wrong = self._values(body, resolvers, partial)
            if wrong:
                errors[index] = wrong
            changes.append(Change(obj, values))
        if errors:
            raise InvalidObjects(errors)
        return changes

    def _resolvers(self, bodies: Iterable[Mapping[str, Any]]) -> dict[str, Resolver]:
        bodies = list(bodies)
        resolvers = {}
        for name, attribute in self.known.items():
            if not isinstance(attribute, Reference) or not any(name in body for body in bodies):
                continue
            resolvers[name] = Resolver(self.user, attribute.related)
            sent = [body[name] for body in bodies if name in body]
            flat = [one for value in sent for one in (value if isinstance(value, list) else [value])]
            resolvers[name].prepare(_clean(flat))
        return resolvers

    def _values(
        self, body: Any, resolvers: dict[str, Resolver], partial: bool
    ) -> tuple[dict[str, Any], dict[str, list[str]]]:
        errors = ErrorList()
        if not isinstance(body, Mapping):
            errors.note("", f"Must be an object, not {json_type(body)}")
            return {}, errors.found
        values = {}
        for name in body:
            attribute = self.known.get(name)
            if attribute is None:
                errors.note(str(name), "There is no such field")
            elif attribute.writable:
                try:
                    values[name] = self._value(name, body[name], resolvers)
                except ValidationError as error:
                    errors.add(error, name)
        if not partial:
            self._complete(values, body, errors)
        return values, errors.found

    def _value(self, name: str, value: Any, resolvers: dict[str, Resolver]) -> Any:
        attribute = self.known[name]
        if isinstance(attribute, References):
            if not isinstance(value, list):
                raise ValidationError(f"Must be a list, not {json_type(value)}")
            return [resolvers[name].find(one) for one in value]
        if not isinstance(attribute, Reference):
            return attribute.parse(value)
        if value is None or value == "":
            if not attribute.null:
                raise ValidationError("This field cannot be null.")
            return None
        return resolvers[name].find(value)

    def _complete(self, values: dict[str, Any], body: Mapping[str, Any], errors: ErrorList) -> None:
        """Require what is required, and reset what a whole replacement leaves out."""
        for name, attribute in self.known.items():
            if name in body or not attribute.writable or attribute.secret:
                continue
            if attribute.required:
                errors.note(name, "This field is required.")
            elif not isinstance(attribute, References):
                values[name] = attribute.field.get_default()


def _clean(values: Iterable[Any]) -> list[Any]:
    """The values without texts that PostgreSQL cannot compare with."""
    return [value for value in values if not isinstance(value, str) or _storable(value)]


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
