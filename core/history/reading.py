"""History in words: what changed from what to what, by whom, when, why and from where."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Max, Model, OuterRef, Subquery

from core.history.sight import EVERYTHING, Sight
from core.history.tracking import event_model
from core.history.words import Labels, Names, label_of, wording

KINDS = {"insert": "created", "update": "changed", "delete": "deleted"}


class Difference(NamedTuple):
    """One field's step; `before` is empty where the object was created, both may be empty words."""

    label: str
    before: str
    after: str
    name: str = ""


@dataclass(slots=True)
class Change:
    """One step in an object's life."""

    at: datetime
    who: str
    why: str
    source: str
    ip: str
    kind: str
    differences: list[Difference]
    model: type[Model]
    object_id: int
    name: str = ""
    user_id: int | None = None
    context_id: Any = field(default=None, repr=False)

    @property
    def said_by(self) -> str:
        """Who did it, in words: a person, or the part of the system that did."""
        return self.who or {"task": "system", "agent": "agent"}.get(self.source, self.source or "database")


def changes(
    obj: Model, limit: int = 50, hidden: Collection[str] = (), sight: Sight = EVERYTHING
) -> list[Change]:
    """The last changes of an object, newest first, without fields named in `hidden`.

    `sight`: what the reader may see of other objects; the rest has no name.
    A constant number of queries, however many changes: events, relations, one or two a kind of object named.
    """
    model = type(obj)
    rows = list(_events(model).filter(pgh_obj_id=obj.pk).order_by("-pgh_id")[: limit + 1])
    before = {row.pgh_id: older for row, older in pairwise(rows)}
    relations = _relations(model).filter(object_id=obj.pk).order_by("-pk")[:limit]
    found = _merge(
        _read(model, rows[:limit], before, hidden, sight), _relation_changes(model, relations, hidden, sight)
    )
    return found[:limit]


def version(obj: Model) -> str:
    """The state of an object, for `changes_since`: the last event of its own and of its relations."""
    events = _events(type(obj)).filter(pgh_obj_id=obj.pk).aggregate(last=Max("pgh_id"))["last"]
    links = _relations(type(obj)).filter(object_id=obj.pk).aggregate(last=Max("pk"))["last"]
    return f"{events or 0}.{links or 0}"


def changes_since(
    obj: Model, known: str, hidden: Collection[str] = (), sight: Sight = EVERYTHING
) -> list[Change]:
    """What was changed after the version `known` (ValueError for a text that is none), newest first."""
    last_event, last_link = (int(part) for part in known.split(".", 1))
    if not 0 <= min(last_event, last_link) <= max(last_event, last_link) < 2**63:
        raise ValueError(f"{known!r} is no version")
    model = type(obj)
    rows = list(_events(model).filter(pgh_obj_id=obj.pk, pgh_id__gte=last_event).order_by("-pgh_id"))
    before = {row.pgh_id: older for row, older in pairwise(rows)}
    new = [row for row in rows if row.pgh_id > last_event]
    links = _relations(model).filter(object_id=obj.pk, pk__gt=last_link).order_by("-pk")
    return _merge(
        _read(model, new, before, hidden, sight), _relation_changes(model, list(links), hidden, sight)
    )


def changes_of(
    model: type[Model], events: Any, limit: int, hidden: Collection[str] = (), sight: Sight = EVERYTHING
) -> list[Change]:
    """The last changes of a model's objects: `events` is a filtered QuerySet of its events."""
    history = event_model(model)
    older = history._default_manager.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    rows = list(
        events.select_related("pgh_context")
        .annotate(before_id=Subquery(older.order_by("-pgh_id").values("pgh_id")[:1]))
        .order_by("-pgh_id")[:limit]
    )
    olds = history._default_manager.in_bulk({row.before_id for row in rows if row.before_id})
    before = {row.pgh_id: olds[row.before_id] for row in rows if row.before_id in olds}
    return _read(model, rows, before, hidden, sight)


def relation_changes_of(
    model: type[Model], rows: Any, limit: int, hidden: Collection[str], sight: Sight = EVERYTHING
) -> list[Change]:
    """The last changes of a model's many-to-many relations; `rows` is a QuerySet of RelationChange."""
    return _relation_changes(model, rows.select_related("context").order_by("-pk")[:limit], hidden, sight)


def _events(model: type[Model]) -> Any:
    return event_model(model)._default_manager.select_related("pgh_context")


def _relations(model: type[Model]) -> Any:
    rows = apps.get_model("core", "RelationChange")._default_manager
    return rows.filter(model=model._meta.label_lower).select_related("context")


def _read(
    model: type[Model], rows: Sequence[Any], before: dict[int, Any], hidden: Collection[str], sight: Sight
) -> list[Change]:
    names = Names(model, [*rows, *before.values()], sight)
    return [_change(model, row, before.get(row.pgh_id), names, hidden) for row in rows]


def _change(model: type[Model], row: Any, older: Any, names: Names, hidden: Collection[str]) -> Change:
    kind = KINDS[row.pgh_label]
    differences = (
        [] if kind == "deleted" else _differences(model, row, older if kind == "changed" else None, names)
    )
    return Change(
        at=row.pgh_created_at,
        kind=kind,
        differences=[step for name, step in differences if name not in hidden],
        model=model,
        object_id=row.pgh_obj_id,
        name=names.of_event(row),
        **_actor(row.pgh_context, row.pgh_context_id),
    )


def _differences(model: type[Model], row: Any, older: Any, names: Names) -> list[tuple[str, Difference]]:
    found = []
    for column in names.fields:
        new, old = getattr(row, column.attname), getattr(older, column.attname, None)
        if new == old or (older is None and (new in (None, "", [], {}) or column.primary_key)):
            continue
        step = Difference(
            label_of(column), wording(column, old, names), wording(column, new, names), column.name
        )
        found.append((column.name, step))
    return found


def _actor(context: Any, context_id: Any) -> dict[str, Any]:
    said = context.metadata if context else {}
    return {
        "who": said.get("username", ""),
        "user_id": said.get("user"),
        "why": said.get("why", ""),
        "source": said.get("source", ""),
        "ip": said.get("ip", ""),
        "context_id": context_id,
    }


def _relation_changes(
    model: type[Model], rows: Iterable[Any], hidden: Collection[str], sight: Sight
) -> list[Change]:
    """One change for what happened to one relation of one object in one context at one time."""
    together: dict[Any, list[Any]] = {}
    rows = list(rows)
    names = Labels(model, rows, sight)
    for row in rows:
        if row.field not in hidden:
            together.setdefault((row.object_id, row.field, row.context_id, row.at), []).append(row)
    return [_relation_change(model, group, names) for group in together.values()]


def _relation_change(model: type[Model], rows: list[Any], names: Labels) -> Change:
    first = rows[0]
    removed, added = (
        ", ".join(sorted(names.of(row) for row in rows if row.added is way)) for way in (False, True)
    )
    label = label_of(model._meta.get_field(first.field))
    lost, won = f"− {removed}" if removed else "", f"+ {added}" if added else ""
    return Change(
        at=first.at,
        kind="changed",
        differences=[Difference(label, lost, won, first.field)],
        model=model,
        object_id=first.object_id,
        **_actor(first.context, first.context_id),
    )


def _merge(events: list[Change], relations: list[Change]) -> list[Change]:
    """Relations join the event of the same object and context; others stand for themselves. Newest first.

    Within a transaction all have one time: links come after the row that they need.
    """
    by_context = {
        (one.context_id, one.object_id): one for one in events if one.context_id and one.kind != "deleted"
    }
    rest = []
    for one in relations:
        if host := by_context.get((one.context_id, one.object_id)):
            host.differences += one.differences
        else:
            rest.append(one)
    return sorted([*rest, *events], key=lambda one: one.at, reverse=True)
