"""Choosing among many objects: fields that never load them all, and the addresses that search them."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.access import HIDDEN, called, visible
from core.resources.base import resource_of
from core.resources.references import named


class RemoteSelect(forms.Select):
    """A select that holds only what is chosen; the browser searches the rest at data-choices-url."""

    template_name = "resources/remote_select.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.model: type[models.Model] | None = None
        self.queryset: Any = None
        self.user: Any = None
        self.kept: frozenset[Any] = frozenset()
        self.nullable = False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        values = value if isinstance(value, list | tuple) else [value]
        context: dict[str, Any] = {"widget": {"name": name, "attrs": self.build_attrs(self.attrs, attrs)}}
        resource = resource_of(self.model) if self.model else None
        context["widget"] |= {
            "selected": self.selected(values),
            "multiple": self.allow_multiple_selected,
            "url": f"/choices/{resource.plural}/" if resource else "",
            "nullable": self.nullable,
        }
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return render_to_string(template_name, context)

    def selected(self, values: Sequence[Any]) -> list[tuple[str, str]]:
        """(value, text) of what is chosen, in one query; "null" is "none at all"."""
        keys = {str(value) for value in values if value not in (None, "")}
        chosen = [("null", "None")] if "null" in keys else []
        ids = [int(key) for key in keys if key.isdecimal() and len(key) < 19]
        if ids:
            rows = named(self.queryset.filter(pk__in=ids), None)
            chosen += [(str(obj.pk), self._name(obj)) for obj in rows]
        return chosen

    def _name(self, obj: models.Model) -> str:
        return HIDDEN if obj.pk in self.kept else called(self.user, obj)


class RemoteSelectMultiple(RemoteSelect):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class Remote(forms.Field):
    """What a field for one object and a field for many share: who chooses, and from what."""

    widget: Any
    queryset: Any
    user: Any

    def look(self, user: Any, model: type[models.Model]) -> None:
        """Choose from what the user may see of a model."""
        self.user = self.widget.user = user
        self.widget.model = model
        self.queryset = self.widget.queryset = visible(user, model)

    def keep(self, keys: Collection[Any]) -> None:
        """Let stay chosen what is so now, though the user may not see all of it: that is called hidden."""
        seen = self.queryset.filter(pk__in=keys).values_list("pk", flat=True)
        if unseen := frozenset(keys) - set(seen):
            model = self.queryset.model
            shown = self.queryset.order_by().values("pk")
            self.queryset = model._default_manager.filter(Q(pk__in=shown) | Q(pk__in=unseen))
            self.widget.queryset, self.widget.kept = self.queryset, unseen


class RemoteChoiceField(Remote, forms.ModelChoiceField):
    """One object of a model."""

    widget = RemoteSelect

    def __init__(self, *, user: Any, model: type[models.Model], **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)
        self.look(user, model)

    def _get_queryset(self) -> Any:
        return self._queryset

    def _set_queryset(self, queryset: Any) -> None:
        self._queryset = None if queryset is None else queryset.all()
        self.widget.queryset = self._queryset

    queryset = property(_get_queryset, _set_queryset)

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and not _is_key(value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class RemoteMultipleChoiceField(Remote):
    """Many objects of a model; "null" among the values stands for none at all and gives None."""

    widget = RemoteSelectMultiple

    def __init__(self, *, user: Any, model: type[models.Model], nullable: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.look(user, model)
        self.nullable = self.widget.nullable = nullable

    def prepare_value(self, value: Any) -> Any:
        """The keys: a form begins with what is stored, as objects."""
        return [getattr(one, "pk", one) for one in value] if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[Any]:
        values = [one for one in (value or []) if one != ""]
        if self.required and not values:
            raise ValidationError(self.error_messages["required"])
        empty: list[Any] = [None] if self.nullable and "null" in values else []
        keys = [one for one in values if not (self.nullable and one == "null")]
        return empty + (self._objects(keys) if keys else [])

    def _objects(self, keys: list[Any]) -> list[Any]:
        if unreadable := [key for key in keys if not _is_key(key)]:
            raise ValidationError(f"{unreadable[0]!r} is no id")
        found = {obj.pk: obj for obj in self.queryset.filter(pk__in=[int(key) for key in keys])}
        for key in keys:
            if int(key) not in found:
                raise ValidationError(f"There is no {self.queryset.model._meta.verbose_name} with id {key}")
        return list(found.values())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {str(getattr(one, "pk", one)) for one in initial or []} != {str(one) for one in data or []}


def _is_key(value: Any) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) < 19
