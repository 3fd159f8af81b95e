"""Form fields made from a kind's options (probes.options): one of each, and back to JSON data."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.access import hidden_fields
from core.resources.forms import ResourceForm
from core.resources.writing import Change
from probes.options import OptionError, OptionField, Options, options_schema

FOUND = frozenset({"points"})
"""Options that discovery fills in: nothing to type, and kept as they are."""
KEPT = "Stored; it is not shown. Leave empty to keep it."
ACRONYMS = {"url": "URL", "tls": "TLS", "json": "JSON", "dns": "DNS", "starttls": "STARTTLS"}


def label(name: str) -> str:
    """What people call an option: json_path → JSON path."""
    words = [ACRONYMS.get(word, word) for word in name.split("_")]
    return words[0][:1].upper() + " ".join(words)[1:]


def form_field(option: OptionField, kind: str, stored: Any, *, secret: bool = False) -> forms.Field:
    """A field for one option of a kind. Nothing is required by the form itself: the kind says what is."""
    shown = option.default if stored is None else stored
    attributes = {"data-kind": kind}
    shared: dict[str, Any] = {"label": label(option.name), "required": False, "help_text": sentence(option)}
    if secret:
        widget = forms.PasswordInput(attrs={**attributes, "autocomplete": "new-password"})
        return forms.CharField(
            **shared | {"help_text": KEPT if stored else shared["help_text"]}, widget=widget
        )
    if option.type == "bool":
        return forms.BooleanField(**shared, initial=shown, widget=forms.CheckboxInput(attrs=attributes))
    if option.choices:
        pairs = [(one, one or "None") for one in option.choices]
        return forms.ChoiceField(
            **shared, initial=shown, choices=pairs, widget=forms.Select(attrs=attributes)
        )
    if option.type in ("int", "float"):
        made = forms.IntegerField if option.type == "int" else forms.FloatField
        step = {"step": "any"} if option.type == "float" else {}
        return made(**shared, initial=shown, widget=forms.NumberInput(attrs={**attributes, **step}))
    long = option.type == "json" or (option.maximum or 0) > 2000
    widget_type = forms.Textarea if long else forms.TextInput
    rows = {"rows": 2} if long else {}
    return forms.CharField(
        **shared, initial=as_text(shown), strip=False, widget=widget_type(attrs={**attributes, **rows})
    )


def sentence(option: OptionField) -> str:
    """The help of an option as a sentence."""
    return option.help[:1].upper() + option.help[1:]


def as_text(value: Any) -> str:
    """A stored value in a text box: lists of words by commas, other structures as JSON."""
    if value is None or value in ([], {}, ()):
        return ""
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value)


def as_data(option: OptionField, value: Any) -> Any:
    """What the box says as JSON data; None leaves the option to its default."""
    if option.type == "bool":
        return bool(value)
    if value in (None, ""):
        return None
    if option.type == "json" and isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValidationError(f"Not JSON: {error}") from error
    return value


class KindForm(ResourceForm):
    """A form of things that come in kinds; `covers` are the JSON columns that its fields stand for."""

    covers: tuple[str, ...] = ("options",)
    secrets: tuple[str, ...] = ()

    def kinds(self) -> Mapping[str, Any]:
        """Kinds by name, each with a `label`."""
        raise NotImplementedError

    def schema(self, kind: str, part: str) -> type[Options]:
        """The options class behind a column."""
        raise NotImplementedError

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = hidden_fields(self.user, self.resource.model)
        self.parts = [part for part in self.covers if part not in hidden and "kind" not in hidden]
        if self.parts:
            self._add_options()

    def _add_options(self) -> None:
        self.fields["kind"] = forms.ChoiceField(
            choices=[(name, kind.label) for name, kind in self.kinds().items()], label="Kind"
        )
        self.stored_kind = self.instance.kind if self.instance.pk else ""
        self.kept = {part: dict(getattr(self.instance, part)) for part in self.parts}
        for kind, part, option in self._options():
            stored = self.kept[part].get(option.name) if kind == self.stored_kind else None
            made = form_field(option, kind, stored, secret=part in self.secrets)
            usual = option.default not in (None, "", [], (), {}, False)
            made.expected = option.required or usual  # type: ignore[attr-defined]  # read by ui/field.html
            self.fields[self.key(kind, option.name)] = made

    def _options(self) -> Iterator[tuple[str, str, OptionField]]:
        for kind in self.kinds():
            for part in self.parts:
                for option in options_schema(self.schema(kind, part)):
                    if option.name not in FOUND:
                        yield kind, part, option

    @staticmethod
    def key(kind: str, name: str) -> str:
        """The form's name for an option of a kind."""
        return f"{kind}__{name}"

    def _clean_fields(self) -> None:
        """Fields of other kinds are not read: nobody sees what might be wrong with them."""
        chosen = self.data.get("kind")
        others = {self.key(kind, one.name) for kind, _, one in self._options() if kind != chosen}
        for name in others:
            self.fields[name].disabled = True
        super()._clean_fields()  # type: ignore[misc]
        for name in others:
            self.fields[name].disabled = False

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if kind := found.get("kind"):
            for part in self.parts:
                found[part] = self._data(kind, part)
                setattr(self.instance, part, found[part])
        return found

    def _data(self, kind: str, part: str) -> dict[str, Any]:
        """The JSON data of a column; what is wrong stands at its field."""
        same = kind == self.stored_kind
        data = {name: value for name, value in self.kept[part].items() if same and name in FOUND}
        for option in options_schema(self.schema(kind, part)):
            if option.name in FOUND:
                continue
            name = self.key(kind, option.name)
            try:
                value = as_data(option, self.cleaned_data.get(name))
            except ValidationError as error:
                self.add_error(name, error)
                continue
            if part in self.secrets and value is None and same:
                value = self.kept[part].get(option.name)
            if value is not None:
                data[option.name] = value
        self._try(kind, part, data)
        return data

    def _try(self, kind: str, part: str, data: dict[str, Any]) -> None:
        try:
            self.schema(kind, part).from_dict(data)
        except OptionError as error:
            name = self.key(kind, error.field)
            said = error.message[:1].upper() + error.message[1:]
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, said)

    def change(self) -> Change:
        """With the columns that the fields stand for, an emptied secret included."""
        found = super().change()
        found.values.update({part: getattr(self.instance, part) for part in self.parts})
        return found

    def _update_errors(self, errors: ValidationError) -> None:
        """What the model says of the columns is said at the fields already."""
        found = dict(getattr(errors, "error_dict", {}))
        for part in self.covers:
            found.pop(part, None)
        if found or not hasattr(errors, "error_dict"):
            super()._update_errors(ValidationError(found) if found else errors)  # type: ignore[misc]

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The resource's own groups, then one for each kind."""
        for heading, names in self.resource.groups:
            if found := [self[name] for name in names if name in self.fields]:
                yield heading, found
        for kind, about in self.kinds().items():
            if found := [self[name] for name in self.fields if name.startswith(f"{kind}__")]:
                yield f"{about.label}: options", found
        if "tags" in self.fields and "tags" not in [
            name for _, names in self.resource.groups for name in names
        ]:
            yield "", [self["tags"]]
