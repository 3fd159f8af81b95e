"""What a reader of the history may see of other objects; core.access makes one of a person."""

from typing import Any, Protocol

from django.db.models import Model, QuerySet


class Sight(Protocol):
    def rows(self, model: type[Model]) -> QuerySet:
        """The rows whose names may be told."""

    def is_unlimited(self, model: type[Model]) -> bool:
        """Whether that is all of them, those that are deleted included."""

    def name(self, obj: Model) -> str:
        """The name of one of the rows, as far as it may be told."""


class _Everything:
    def rows(self, model: type[Model]) -> QuerySet:
        rows: Any = model._default_manager.all()
        return rows

    def is_unlimited(self, model: type[Model]) -> bool:
        return True

    def name(self, obj: Model) -> str:
        return str(obj)


EVERYTHING = _Everything()
