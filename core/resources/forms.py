"""Forms of a resource, generated: references are searched remotely, secrets are never shown."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import models
from django.forms.models import modelform_factory

from core.access import can, hidden_fields, is_unlimited
from core.resources.attributes import Attribute, Reference, References, Secret
from core.resources.base import Resource, resource_of
from core.resources.choices import Remote, RemoteChoiceField, RemoteMultipleChoiceField
from core.resources.writing import Change

NONE_CHOSEN = "–"


class ResourceForm(forms.ModelForm):
    """Base of the generated forms and of those that a resource names in `form`."""

    resource: Resource
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for name, field in self.fields.items():
                attribute = self.resource.attributes.get(name)
                if not isinstance(field, Remote) or not isinstance(attribute, Reference):
                    continue
                if not is_unlimited(self.user, attribute.related):
                    field.keep(_stored_keys(attribute, self.instance))

    def change(self) -> Change:
        """What the form would write."""
        known = self.resource.attributes
        secrets = {name for name, one in known.items() if isinstance(one, Secret)}
        values = {
            name: list(value) if isinstance(known[name], References) else value
            for name, value in self.cleaned_data.items()
            if name in known and not (name in secrets and not value)
        }
        return Change(self.instance, values)

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Show what the writing refused, at its field where it has one."""
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under the headings of the resource."""
        done: set[str] = set()
        for heading, names in self.resource.groups:
            found = [self[name] for name in names if name in self.fields]
            done |= set(names)
            if found:
                yield heading, found
        if rest := [self[name] for name in self.fields if name not in done]:
            yield "", rest


def _stored_keys(attribute: Reference, obj: models.Model) -> set[Any]:
    """The keys of what a stored object points at, whoever may see that."""
    if isinstance(attribute, References):
        return set(getattr(obj, attribute.name).order_by().values_list("pk", flat=True))
    return {getattr(obj, attribute.field.attname)} - {None}


class JsonBox(forms.JSONField):
    """JSON in a text box: nothing is an empty box, not the word null."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


def form_class(resource: Resource, user: Any) -> type[ResourceForm]:
    """The form for what this user may write of the resource."""
    hidden = hidden_fields(user, resource.model)
    names = [name for name in resource.writable if name not in hidden]
    base = resource.form or ResourceForm
    if base is not ResourceForm and getattr(base, "covers", None):
        names = [name for name in names if name not in base.covers]

    def field(column: Any, **kwargs: Any) -> forms.Field | None:
        return form_field(resource.attributes[column.name], column, user, **kwargs)

    made: type[ResourceForm] = modelform_factory(
        resource.model, form=base, fields=names, formfield_callback=field
    )
    made.resource = resource
    made.user = user
    return made


def form_field(attribute: Attribute, column: Any, user: Any, **kwargs: Any) -> forms.Field | None:
    """The form field of an attribute."""
    shared = {"label": attribute.label, "help_text": attribute.help, "required": attribute.required}
    if isinstance(attribute, References):
        many = RemoteMultipleChoiceField(user=user, model=attribute.related, nullable=False, **shared)
        return with_way_to_new(many, attribute.related, user)
    if isinstance(attribute, Reference):
        shared["required"] = not attribute.null
        one = RemoteChoiceField(user=user, model=attribute.related, **shared)
        return with_way_to_new(one, attribute.related, user)
    if isinstance(attribute, Secret):
        kept = "Not shown. Leave empty to keep what is stored."
        return forms.JSONField(label=attribute.label, required=False, help_text=kept, widget=forms.Textarea)
    if isinstance(column, models.JSONField):
        kwargs["form_class"] = JsonBox
    if isinstance(column, models.TextField):
        kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
    if isinstance(column, models.DateField) and not isinstance(column, models.DateTimeField):
        kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    found: forms.Field | None = column.formfield(**kwargs)
    if found is not None:
        found.label = attribute.label
    if isinstance(found, forms.TypedChoiceField):
        found.choices = [(key, word if key else NONE_CHOSEN) for key, word in found.choices]
    return found


def with_way_to_new(found: forms.Field, model: type[models.Model], user: Any) -> forms.Field:
    """The field, with the address where a missing choice is added (ui/field.html shows it)."""
    resource = resource_of(model)
    if resource is not None and resource.allows("add") and can(user, "add", model):
        found.new_url = resource.url("add")
    return found


def initial(resource: Resource, query: Any) -> dict[str, Any]:
    """First values out of the address: /add/?device=7."""
    return {name: query[name] for name in resource.writable if name in query}
