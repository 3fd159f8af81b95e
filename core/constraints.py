"""Constraints of permissions: JSON that reads as a Django filter, checked against the model's fields."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db.models import Field, JSONField, Model, Q
from django.db.models.constants import LOOKUP_SEP

from core.secrets import ENCRYPTED_FIELDS

USER = "$user"
MAX_ALTERNATIVES = 50


def resource_models(resource: str) -> list[type[Model]]:
    """The models that a permission's resource ("*", "app.*", "app.model") means; ValidationError names it."""
    app, _, name = resource.partition(".")
    try:
        if resource == "*":
            return _without_events(apps.get_models())
        if name == "*":
            return _without_events(apps.get_app_config(app).get_models())
        return [apps.get_model(resource)]
    except (LookupError, ValueError) as error:
        raise ValidationError({"resource": f"There is no resource named {resource!r}"}) from error


def _without_events(models: Iterable[type[Model]]) -> list[type[Model]]:
    """History's own models follow their originals; no constraint is written for them."""
    return [model for model in models if not hasattr(model, "pgh_tracked_model")]


def alternatives(constraint: Any) -> list[dict[str, Any]]:
    """The filters of which a row must fit one; no constraint at all fits every row, an empty list none."""
    if constraint is None:
        return [{}]
    return constraint if isinstance(constraint, list) else [constraint]


def to_q(constraint: dict[str, Any], user_pk: int | None) -> Q:
    """One filter as Q; "$user" becomes the user's key."""
    return Q(**{key: _fill(value, user_pk) for key, value in constraint.items()})


def spans_many(model: type[Model], constraint: dict[str, Any]) -> bool:
    """Whether a filter follows a relation to many rows, so that a row could come out twice."""
    return any(field.many_to_many or field.one_to_many for key in constraint for field in _path(model, key))


def check_constraint(models: Sequence[type[Model]], constraint: Any) -> None:
    """ValidationError on `constraint` when it is no filter, or names what one of the models does not have."""
    if constraint is None:
        return
    if not isinstance(constraint, dict | list) or len(alternatives(constraint)) > MAX_ALTERNATIVES:
        raise _wrong(f"must be an object of filters, or a list of at most {MAX_ALTERNATIVES} of them")
    if constraint == []:
        raise _wrong("must not be empty: leave it out where every row will do")
    for one in alternatives(constraint):
        if not isinstance(one, dict) or (isinstance(constraint, list) and not one):
            raise _wrong("must be an object of filters, or a list of objects that are not empty")
        for model in models:
            for key, value in one.items():
                _check_entry(model, key, value)


def check_hidden_fields(models: Iterable[type[Model]], names: Iterable[str]) -> None:
    """ValidationError on `hidden_fields` when none of the models has a field of such a name."""
    known = {field.name for model in models for field in model._meta.get_fields()}
    if unknown := sorted(set(names) - known):
        raise ValidationError({"hidden_fields": f"There is no field named {', '.join(unknown)}"})


def _wrong(text: str) -> ValidationError:
    return ValidationError({"constraint": f"The constraint {text}"})


def _fill(value: Any, user_pk: int | None) -> Any:
    if isinstance(value, list):
        return [_fill(one, user_pk) for one in value]
    return user_pk if value == USER else value


def _path(model: type[Model], key: str) -> list[Field]:
    """The fields that a lookup such as site__name__in passes; FieldError names the unknown one."""
    fields: list[Field] = []
    for name in key.split(LOOKUP_SEP):
        if model is None:
            return fields
        try:
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist as error:
            if fields and fields[-1].get_lookup(name):
                return fields
            raise FieldError(f"{model._meta.label} has no field named {name!r}") from error
        fields.append(field)
        model = field.related_model
    return fields


def _check_value(path: Sequence[Field], key: str, value: Any) -> None:
    """Refuse what Django would take and the database not, or never find."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and ("\x00" in one or any("\ud800" <= sign <= "\udfff" for sign in one)):
            raise _wrong(f"has a value that does not suit {key}: not valid text")
        if isinstance(one, int) and not -(2**63) <= one < 2**63:
            raise _wrong(f"has a value that does not suit {key}: the number is too large")
        if isinstance(one, dict | list) and not any(isinstance(field, JSONField) for field in path):
            raise _wrong(f"has a value that does not suit {key}: must be a text, a number or yes or no")
    if key.endswith(f"{LOOKUP_SEP}isnull") and not isinstance(value, bool):
        raise _wrong(f"has a value that does not suit {key}: must be true or false")


def _check_entry(model: type[Model], key: str, value: Any) -> None:
    try:
        path = _path(model, key)
        _check_value(path, key, value)
        if any(isinstance(field, ENCRYPTED_FIELDS) for field in path):
            raise _wrong(f"cannot look into {key}: it is encrypted")
        if key.endswith("regex"):
            raise _wrong(f"cannot use {key}: regular expressions are not allowed here")
        model._default_manager.filter(to_q({key: value}, 0))
    except FieldError as error:
        raise _wrong(f"names an unknown field or lookup: {error}") from error
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            raise
        raise _wrong(f"has a value that does not suit {key}: {' '.join(error.messages)}") from error
    except (ValueError, TypeError) as error:
        raise _wrong(f"has a value that does not suit {key}: {error}") from error
