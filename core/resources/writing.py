"""Creating, changing and deleting objects of resources: atomic, audited, checked. The one way to write them.

Page, API, import and task call `write` and `delete` alike. Many objects cost as few statements as one: rows
are written in bulk, and only when the database refuses a batch is each object checked by itself to say which.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from core.access import called, check_all_after, hidden_fields, require, visible
from core.resources.attributes import Reference, References
from core.resources.base import Resource
from core.resources.signals import deleting, saved, saving

BATCH = 1000
Errors = dict[str, list[str]]


@dataclass(slots=True)
class Change:
    """One object to write: a new one, or a stored one; `values` by field name, lists for many-to-many."""

    obj: models.Model
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.obj._state.adding


class InvalidObjects(Exception):
    """Nothing was written: what is wrong, by index of the change and by field name ("" for the whole)."""

    said = "are not valid"

    def __init__(self, errors: dict[int, Errors]) -> None:
        super().__init__(f"{len(errors)} objects {self.said}")
        self.errors = errors


class InUse(Exception):
    """Nothing was deleted: other objects hold on to these."""

    def __init__(self, holders: Iterable[models.Model], user: Any = None) -> None:
        self.holders = list(holders)
        super().__init__(describe(self.holders, user))


def write(user: Any, resource: Resource, changes: Sequence[Change]) -> list[models.Model]:
    """Write all changes or none. Raises InvalidObjects, or PermissionDenied where the user may not."""
    for change in changes:
        _refuse_hidden(user, resource, change)
    _load_references(resource, changes)
    errors = {index: found for index, change in enumerate(changes) if (found := _apply(resource, change))}
    if errors:
        raise InvalidObjects(errors)
    parts = {  # told apart before anything is written: a row that is added is not new any more
        adding: [(index, change) for index, change in enumerate(changes) if change.is_new is adding]
        for adding in (True, False)
    }
    with transaction.atomic():
        for adding, part in parts.items():
            if part:
                _write_part(user, resource, part, adding)
    return [change.obj for change in changes]


def delete(user: Any, resource: Resource, objects: Sequence[models.Model]) -> int:
    """Delete all or none, with what hangs on them; how many rows went. Raises InUse or PermissionDenied."""
    model = resource.model
    require(user, "delete", model)
    with transaction.atomic():
        keys = [obj.pk for obj in objects]
        check_all_after(user, "delete", model, keys)
        deleting.send(model, objects=list(objects), user=user)
        try:
            gone, _ = model._default_manager.filter(pk__in=keys).delete()
        except ProtectedError as error:
            raise InUse(error.protected_objects, user) from error
        except RestrictedError as error:
            raise InUse(error.restricted_objects, user) from error
    return gone


def _refuse_hidden(user: Any, resource: Resource, change: Change) -> None:
    action = "add" if change.is_new else "change"
    if not resource.allows(action):
        raise PermissionDenied(
            f"{resource.label_plural} cannot be {'added' if change.is_new else 'changed'} here"
        )
    require(user, action, resource.model)
    for name in hidden_fields(user, resource.model) & change.values.keys():
        raise PermissionDenied(f"You may not write {name}")


def _apply(resource: Resource, change: Change) -> Errors:
    """Set the values on the object and let the model check it; errors by field."""
    errors = ErrorList()
    for name, value in change.values.items():
        if not isinstance(resource.attributes[name], References):
            setattr(change.obj, name, value)
    try:
        untouched = _not_ours(resource) if change.is_new else _untouched(change)
        change.obj.clean_fields(exclude=untouched | _found(change))
    except ValidationError as error:
        errors.add(error)
    if not errors.found:
        try:
            change.obj.clean()
        except ValidationError as error:
            errors.add(error)
    return errors.found


def _not_ours(resource: Resource) -> set[str]:
    """Fields that nobody writes through the resource: their defaults stand."""
    return {one.name for one in resource.model._meta.fields} - set(resource.writable)


def _found(change: Change) -> set[str]:
    """Foreign keys given as objects: they were read a moment ago, and asking for each again is a query."""
    return {name for name, value in change.values.items() if isinstance(value, models.Model)}


def _untouched(change: Change) -> set[str]:
    return {one.name for one in change.obj._meta.fields} - change.values.keys()


def _write_part(user: Any, resource: Resource, part: list[tuple[int, Change]], adding: bool) -> None:
    objects = [change.obj for _, change in part]
    names = frozenset(name for _, change in part for name in change.values)
    if not adding:  # as stored, the rows must be the user's too: nobody takes one over from outside
        check_all_after(user, "change", resource.model, [obj.pk for obj in objects])
    saving.send(resource.model, objects=objects, created=adding, changed=names, user=user)
    try:
        with transaction.atomic():
            if adding:
                resource.model._default_manager.bulk_create(objects, batch_size=BATCH)
            else:
                _update(resource, [change for _, change in part])
    except (IntegrityError, DataError) as error:
        raise InvalidObjects(_blame(resource, part, adding, error)) from error
    try:
        _write_many(resource, part, names, adding)
        check_all_after(user, "add" if adding else "change", resource.model, [obj.pk for obj in objects])
        saved.send(resource.model, objects=objects, created=adding, changed=names, user=user)
    except Exception:
        if adding:  # the transaction takes the rows back: who tries again adds them again
            _make_new(objects)
        raise


def _make_new(objects: Iterable[models.Model]) -> None:
    for obj in objects:
        obj.pk = None
        obj._state.adding = True


def _update(resource: Resource, changes: Sequence[Change]) -> None:
    """One statement for all that change the same columns; what a change does not name is not written."""
    stamped = "updated_at" in {one.name for one in resource.model._meta.fields}
    now = timezone.now()
    alike: dict[tuple[str, ...], list[models.Model]] = {}
    for change in changes:
        columns = [name for name in change.values if not isinstance(resource.attributes[name], References)]
        if stamped:
            change.obj.updated_at = now
            columns.append("updated_at")
        alike.setdefault(tuple(sorted(columns)), []).append(change.obj)
    for names, objects in alike.items():
        if names:
            resource.model._default_manager.bulk_update(objects, names, batch_size=BATCH)


def _load_references(resource: Resource, changes: Sequence[Change]) -> None:
    """What stored objects point at, at once: their own checks would ask for each by itself."""
    stored = [change.obj for change in changes if not change.is_new]
    names = [
        name
        for name, one in resource.attributes.items()
        if isinstance(one, Reference) and not isinstance(one, References)
    ]
    if len(stored) > 1 and names:
        models.prefetch_related_objects(stored, *names)


def _write_many(
    resource: Resource, part: list[tuple[int, Change]], names: frozenset[str], adding: bool
) -> None:
    """Set the many-to-many fields that the changes name: two statements a field, however many objects."""
    for name in names:
        attribute = resource.attributes[name]
        if not isinstance(attribute, References):
            continue
        through = attribute.field.remote_field.through._default_manager
        source = attribute.field.m2m_field_name() + "_id"
        target = attribute.field.m2m_reverse_field_name() + "_id"
        wanted = {
            (change.obj.pk, other.pk)
            for _, change in part
            if name in change.values
            for other in change.values[name]
        }
        stored: dict[tuple[Any, Any], Any] = {}
        if not adding:
            keys = [change.obj.pk for _, change in part if name in change.values]
            rows = through.filter(**{f"{source}__in": keys}).values_list(source, target, "pk")
            stored = {(one, other): pk for one, other, pk in rows}
        gone = [pk for pair, pk in stored.items() if pair not in wanted]
        if gone:
            through.filter(pk__in=gone).delete()
        through.bulk_create(
            [through.model(**{source: one, target: other}) for one, other in sorted(wanted - stored.keys())],
            batch_size=BATCH,
        )


def _blame(
    resource: Resource, part: list[tuple[int, Change]], adding: bool, refusal: Exception
) -> dict[int, Errors]:
    """Which objects of a refused batch are wrong, and why; the refusal on all when none can be told."""
    errors: dict[int, Errors] = {}
    seen: dict[tuple[Any, ...], int] = {}
    keys = resource.natural_key
    for index, change in part:
        if adding:
            _make_new([change.obj])
        found = ErrorList()
        try:
            change.obj.validate_constraints()
            change.obj.validate_unique()
        except ValidationError as error:
            found.add(error)
        key = tuple(_folded(getattr(change.obj, name)) for name in keys)
        if keys and not found.found and seen.setdefault(key, index) != index:
            found.note(keys[0], f"The same as object {seen[key]} of this list")
        if found.found:
            errors[index] = found.found
    return errors or {part[0][0] if len(part) == 1 else index: {"": [_say(refusal)]} for index, _ in part}


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _say(refusal: Exception) -> str:
    """The database's refusal in one line, without values of other rows."""
    diagnosis = getattr(refusal.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    text = getattr(diagnosis, "message_primary", None) or "The database refuses it"
    return f"{text} ({constraint})" if constraint and constraint not in text else str(text)


class ErrorList:
    """Collects errors by field name; what belongs to no single field comes under ""."""

    def __init__(self) -> None:
        self.found: Errors = {}

    def note(self, name: str, message: str) -> None:
        self.found.setdefault(name, []).append(message)

    def add(self, error: ValidationError, name: str = "") -> None:
        if hasattr(error, "error_dict"):
            for key, messages in error.message_dict.items():
                for message in messages:
                    self.note(name if key == NON_FIELD_ERRORS else key, message)
        else:
            for message in error.messages:
                self.note(name, message)


def describe(objects: Sequence[models.Model], user: Any, limit: int = 5) -> str:
    """ "3 devices: a, b, c" by model, for messages about what holds on to an object.

    Only what the user may see is named; the rest is counted.
    """
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for obj in objects:
        by_model.setdefault(type(obj), []).append(obj)
    lines = []
    for model, found in by_model.items():
        meta = model._meta
        word = meta.verbose_name if len(found) == 1 else meta.verbose_name_plural
        keys = [obj.pk for obj in found]
        named = list(visible(user, model).filter(pk__in=keys).order_by("pk")[:limit])
        said = ", ".join(called(user, obj) for obj in named)
        more = f" and {len(found) - len(named)} more" if 0 < len(named) < len(found) else ""
        lines.append(f"{len(found)} {word}{': ' if said else ''}{said}{more}")
    return "; ".join(lines)
