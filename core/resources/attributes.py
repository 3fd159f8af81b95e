"""One attribute of a resource: how a value is read from JSON or text and written back, and its schema.

`parse` takes what an API client sends, `parse_text` a cell of an imported file; both give the Python value or
raise ValidationError. `to_json` and `to_text` are their inverses.
"""

import datetime
import decimal
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from core.secrets import EncryptedJSONField

YES = frozenset({"1", "true", "yes", "on", "y", "t"})
NO = frozenset({"0", "false", "no", "off", "n", "f"})


class Attribute:
    """A text column, and the base of the others."""

    kind = "text"
    json_types: tuple[type, ...] = (str,)
    json_name = "a string"
    secret = False
    sortable = True

    def __init__(self, name: str, field: Any, writable: bool = True) -> None:
        self.name = name
        self.field = field
        self.writable = writable
        self.label = _capital(str(getattr(field, "verbose_name", name)).replace("_", " "))
        self.help = str(getattr(field, "help_text", "") or "")
        self.null = bool(getattr(field, "null", False))
        self.blank = bool(getattr(field, "blank", False))

    @property
    def required(self) -> bool:
        """Whether a new object must name it."""
        return self.writable and not self.blank and not self.null and not self.field.has_default()

    @property
    def choices(self) -> list[tuple[Any, str]]:
        return [(value, str(label)) for value, label in self.field.flatchoices] if self.field.choices else []

    def parse(self, value: Any) -> Any:
        """The Python value of a JSON value, checked by the model field."""
        if value is not None and (
            not isinstance(value, self.json_types)
            or (isinstance(value, bool) and bool not in self.json_types)
        ):
            raise ValidationError(f"Must be {self.json_name}, not {json_type(value)}")
        if isinstance(value, str):
            value = checked_text(value)
        return self.clean(value)

    def parse_text(self, text: str) -> Any:
        """The Python value of a cell; an empty cell is null, else an empty text, else the default."""
        text = checked_text(text.strip())
        if text == "":
            return self.empty()
        return self.clean(self.from_text(text))

    def from_text(self, text: str) -> Any:
        if self.choices:
            labels = {label.lower(): value for value, label in self.choices}
            return text if text in dict(self.choices) else labels.get(text.lower(), text)
        return text

    def empty(self) -> Any:
        if self.null:
            return None
        if self.field.has_default():
            return self.field.get_default()
        return self.clean("")

    def clean(self, value: Any) -> Any:
        try:
            return self.field.clean(value, None)
        except (ArithmeticError, OverflowError, TypeError, ValueError) as error:
            raise ValidationError(f"{value!r} cannot be read") from error

    def to_json(self, value: Any) -> Any:
        return value

    def to_text(self, value: Any) -> str:
        return "" if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        """Its OpenAPI type."""
        schema: dict[str, Any] = {"type": "string"}
        if self.choices:
            schema["enum"] = [value for value, _ in self.choices]
        elif limit := getattr(self.field, "max_length", None):
            schema["maxLength"] = limit
        return schema


class Integer(Attribute):
    kind = "integer"
    json_types = (int,)
    json_name = "an integer"

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "format": "int64"}


class Float(Attribute):
    kind = "number"
    json_types = (int, float)
    json_name = "a number"

    def schema(self) -> dict[str, Any]:
        return {"type": "number"}


class Decimal(Attribute):
    kind = "number"
    json_types = (int, float, str)
    json_name = "a number"

    def clean(self, value: Any) -> Any:
        value = super().clean(str(value) if isinstance(value, float) else value)
        if isinstance(value, decimal.Decimal) and not value.is_finite():
            raise ValidationError("Must be a finite number")
        return value

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "decimal"}


class Boolean(Attribute):
    kind = "boolean"
    json_types = (bool,)
    json_name = "true or false"

    def from_text(self, text: str) -> Any:
        if text.lower() in YES:
            return True
        if text.lower() in NO:
            return False
        raise ValidationError(f"{text!r} is neither yes nor no")

    def to_text(self, value: Any) -> str:
        return "" if value is None else ("true" if value else "false")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Date(Attribute):
    kind = "date"
    json_name = "a date such as 2026-05-31"

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def to_text(self, value: Any) -> str:
        return "" if value is None else str(value.isoformat())

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class DateTime(Date):
    kind = "datetime"
    json_name = "a time such as 2026-05-31T12:00:00Z"

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                moment = parse_datetime(value)
            except ValueError as error:
                raise ValidationError(f"{value!r} is no valid time") from error
            if moment is None:
                raise ValidationError(f"{value!r} is not {self.json_name}")
            value = make_aware(moment) if is_naive(moment) else moment
        return super().clean(as_utc(value) if isinstance(value, datetime.datetime) else value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class Json(Attribute):
    kind = "json"
    json_types = (dict, list, str, int, float, bool)
    json_name = "JSON"
    sortable = False

    def parse(self, value: Any) -> Any:
        checked_text(json.dumps(value, ensure_ascii=False))
        return self.clean(value)

    def from_text(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValidationError(f"Not JSON: {error}") from error

    def to_text(self, value: Any) -> str:
        return "" if value is None else json.dumps(value, sort_keys=True)

    def schema(self) -> dict[str, Any]:
        return {}


class Secret(Json):
    """Write-only: it never comes out again, and cannot be imported from a file or filtered by."""

    kind = "secret"
    secret = True

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": True, "writeOnly": True}


class TextList(Attribute):
    """An array of texts; in files separated by commas."""

    kind = "list"
    json_types = (list,)
    json_name = "a list of strings"
    sortable = False

    def parse(self, value: Any) -> Any:
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise ValidationError("Must be a list of strings")
        for one in value or []:
            checked_text(one)
        return super().parse(value)

    def from_text(self, text: str) -> Any:
        return [one.strip() for one in text.split(",") if one.strip()]

    def empty(self) -> Any:
        return self.clean([])

    def to_text(self, value: Any) -> str:
        return ", ".join(value or [])

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}


class Reference(Attribute):
    """A foreign key. Values are objects; core.resources.references finds them, many at once."""

    kind = "reference"

    @property
    def related(self) -> type[models.Model]:
        related: type[models.Model] = self.field.remote_field.model
        return related

    @property
    def choices(self) -> list[tuple[Any, str]]:
        return []

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "name": {"type": "string"},
                "url": {"type": "string", "nullable": True},
            },
        }


class References(Reference):
    """Many of them (tags)."""

    kind = "references"
    sortable = False

    @property
    def required(self) -> bool:
        return self.writable and not self.blank

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().schema()}


class Count(Attribute):
    """How many rows of another model point here; a column only."""

    kind = "count"
    sortable = False

    def __init__(self, name: str, relation: Any) -> None:
        super().__init__(name, relation, writable=False)
        others = relation.model._meta.related_objects
        alone = sum(one.related_model is relation.related_model for one in others) <= 1
        plural = str(relation.related_model._meta.verbose_name_plural)
        self.label = _capital(plural if alone else name.rpartition("__")[2].replace("_", " "))

    @property
    def choices(self) -> list[tuple[Any, str]]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "integer"}


_kinds: list[tuple[type, type[Attribute]]] = [
    (EncryptedJSONField, Secret),
    (ArrayField, TextList),
    (models.ManyToManyField, References),
    (models.ForeignKey, Reference),
    (models.BooleanField, Boolean),
    (models.DecimalField, Decimal),
    (models.FloatField, Float),
    (models.IntegerField, Integer),
    (models.AutoField, Integer),
    (models.DateTimeField, DateTime),
    (models.DateField, Date),
    (models.JSONField, Json),
]


def attribute_kind(field_class: type) -> Callable[[type[Attribute]], type[Attribute]]:
    """Class decorator: the attribute for a column type that Django does not have."""

    def note(cls: type[Attribute]) -> type[Attribute]:
        _kinds.insert(0, (field_class, cls))
        return cls

    return note


def make(name: str, field: Any, writable: bool) -> Attribute:
    """The attribute that fits a model field."""
    if field.one_to_many or (field.many_to_many and field.auto_created):
        return Count(name, field)
    for field_class, cls in _kinds:
        if isinstance(field, field_class):
            return cls(name, field, writable)
    return Attribute(name, field, writable)


def own_attributes(
    model: type[models.Model], writable: Iterable[str], read_only: Iterable[str]
) -> dict[str, Attribute]:
    """Attributes of a model by name: the key, what may be written, what is read only, the times."""
    names = ["id", *writable, *read_only, "created_at", "updated_at"]
    known = {field.name for field in model._meta.get_fields()}
    may_write = set(writable)
    return {
        name: make(name, model._meta.get_field(name), name in may_write) for name in names if name in known
    }


def attribute_of(model: type[models.Model], path: str) -> Attribute:
    """The attribute at the end of a path over foreign keys, read only."""
    *steps, last = path.split("__")
    for step in steps:
        field = model._meta.get_field(step)
        if not isinstance(field, models.ForeignKey):
            raise FieldDoesNotExist(f"{model.__name__}.{step} is no foreign key")
        model = field.remote_field.model
    return make(path, model._meta.get_field(last), writable=False)


def checked_text(text: str) -> str:
    """The text itself; ValidationError for what PostgreSQL cannot store: NUL and lone surrogates."""
    if "\x00" in text:
        raise ValidationError("Null characters are not allowed")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError("Not valid Unicode text") from error
    return text


def as_utc(moment: datetime.datetime) -> datetime.datetime:
    """The moment in UTC: PostgreSQL refuses offsets of 16 hours and more, Python years outside 1 to 9999."""
    if not 1 < moment.year < 9999:
        raise ValidationError("The year lies outside 2 to 9998")
    return moment.astimezone(datetime.UTC)


def json_type(value: Any) -> str:
    """How JSON calls the type of a value."""
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "null")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
