"""Forms of what comes in kinds: a check's and a channel's options as fields, made from their dataclasses."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from core.resources.forms import ResourceForm
from core.resources.writing import Change
from monitoring.channels import KINDS as CHANNELS
from probes.kinds import KINDS as PROBES
from probes.options import OptionError, OptionField, Options, options_schema

KEEP = "Leave empty to keep what is stored"
FOUND = frozenset({"points"})
"""What discovery fills in, which is nothing to type."""


class KindForm(ResourceForm):
    """Fields for every kind; those of the kind that is chosen count, the page shows only these.

    `kinds` gives (label, {model field: options class}) by kind. An option that is left at its default is not
    stored, so that a better default reaches everybody. Secret parts go in and never come out.
    """

    kinds: ClassVar[Mapping[str, tuple[str, Mapping[str, type[Options]]]]] = {}
    covers: ClassVar[tuple[str, ...]] = ()
    secret: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_kind = self.instance.kind if self.instance.pk else ""
        labels = {name: label for name, (label, _) in self.kinds.items()}
        first = (self.stored_kind, labels.get(self.stored_kind, self.stored_kind or "Choose one"))
        rest = [pair for pair in labels.items() if pair[0] != self.stored_kind]
        self.fields["kind"] = forms.ChoiceField(choices=[first, *rest])
        chosen = self.data.get("kind") if self.is_bound else None
        for kind, part, one in self._options():
            field = self._field(kind, part, one)
            field.required = one.required and part not in self.secret and chosen in (None, kind)
            self.fields[self.key(kind, one.name)] = field

    @staticmethod
    def key(kind: str, name: str) -> str:
        """The form's name for an option of a kind: most have a port."""
        return f"{kind}__{name}"

    def _options(self) -> Iterator[tuple[str, str, OptionField]]:
        for kind, (_, parts) in self.kinds.items():
            for part, schema in parts.items():
                for one in options_schema(schema):
                    if one.name not in FOUND:
                        yield kind, part, one

    def _field(self, kind: str, part: str, one: OptionField) -> forms.Field:
        stored = getattr(self.instance, part) if kind == self.stored_kind else {}
        attributes = {"data-kind": kind, "autocomplete": "off"}
        text = one.help[:1].upper() + one.help[1:]
        shared: dict[str, Any] = {"label": one.name.replace("_", " ").capitalize(), "help_text": text}
        if part in self.secret:
            shared["help_text"] = f"{text}. {KEEP}" if stored else text
            widget = forms.PasswordInput(attrs={**attributes, "autocomplete": "new-password"})
            return forms.CharField(strip=False, widget=widget, **shared)
        shared["initial"] = stored.get(one.name, one.default)
        field = _control(one, shared)
        field.widget.attrs.update(attributes)
        return field

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields of the resource, then the options of each kind under its name, then the rest."""
        own: dict[str, list[forms.BoundField]] = {}
        for kind, _, one in self._options():
            own.setdefault(kind, []).append(self[self.key(kind, one.name)])
        names = {field.name for fields in own.values() for field in fields}
        first, rest = [], []
        for heading, fields in super().groups():
            kept = [field for field in fields if field.name not in names]
            (first if heading else rest).append((heading, kept))
        yield from first
        for kind, fields in own.items():
            yield f"Options of {self.kinds[kind][0]}", fields
        yield from ((heading, fields) for heading, fields in rest if fields)

    def clean(self) -> Any:
        found = super().clean()
        kind = self.cleaned_data.get("kind")
        if kind in self.kinds:
            for part, schema in self.kinds[kind][1].items():
                setattr(self.instance, part, self._read(kind, part, schema))
        return found

    def _read(self, kind: str, part: str, schema: type[Options]) -> dict[str, Any]:
        """What is stored of this part, with what the form says over it."""
        stored = dict(getattr(self.instance, part)) if kind == self.stored_kind else {}
        for one in options_schema(schema):
            value = self.cleaned_data.get(self.key(kind, one.name))
            if one.name in FOUND or (part in self.secret and not value):
                continue
            stored.pop(one.name, None)
            if value not in (None, "") and value != one.default:
                stored[one.name] = value
        try:
            schema.from_dict(stored)
        except OptionError as error:
            name = self.key(kind, error.field)
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, error.message)
        return stored

    def _update_errors(self, errors: ValidationError) -> None:
        """What the model says of the covered fields stands at the fields that they are made of already."""
        found = dict(getattr(errors, "error_dict", {}))
        covered = [one for name in self.covers for one in found.pop(name, [])]
        if covered and not self.errors:
            self.add_error(None, ValidationError(covered))
        if found or not hasattr(errors, "error_dict"):
            super()._update_errors(ValidationError(found) if found else errors)  # type: ignore[misc]

    def change(self) -> Change:
        """With the options of the kind, as the model stores them."""
        found = super().change()
        found.values.update({part: getattr(self.instance, part) for part in self.covers})
        return found


def _control(one: OptionField, shared: dict[str, Any]) -> forms.Field:
    """The form field that fits an option's type and bounds."""
    bounds = {"min_value": one.minimum, "max_value": one.maximum}
    if one.choices:
        return forms.ChoiceField(choices=[(choice, choice or "None") for choice in one.choices], **shared)
    if one.type == "bool":
        return forms.BooleanField(**shared)
    if one.type == "int":
        return forms.IntegerField(**bounds, **shared)
    if one.type == "float":
        return forms.FloatField(**bounds, **shared)
    if isinstance(one.default, dict):
        return forms.JSONField(widget=forms.Textarea(attrs={"rows": 2}), **shared)
    if isinstance(shared["initial"], (list, tuple)):
        shared["initial"] = ", ".join(map(str, shared["initial"]))
    return forms.CharField(**shared)


class CheckForm(KindForm):
    """A check of any kind of probe."""

    kinds = {name: (kind.label, {"options": kind.Options}) for name, kind in PROBES.items()}
    covers = ("options",)


class ChannelForm(KindForm):
    """A channel of any kind."""

    kinds = {
        name: (kind.label, {"options": kind.options, "secret": kind.secret})
        for name, kind in CHANNELS.items()
    }
    covers = ("options", "secret")
    secret = frozenset({"secret"})
