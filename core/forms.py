"""Forms of core's own pages."""

import zoneinfo
from dataclasses import MISSING
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.credentials import choices_of, fields_of, merged, read_secret, secret_fields
from core.history import tracked_models
from core.models import Credential, User

TOKEN_KINDS: Final = [
    ("read", "Read: all that I may see"),
    ("write", "Read and write: all that I may do"),
    ("custom", "Only what is named below"),
]
LABELS: Final = {
    "auth_protocol": "Authentication",
    "auth_password": "Authentication password",
    "priv_protocol": "Encryption",
    "priv_password": "Encryption password",
}
"""What people call the fields of an SNMPv3 user."""
KEEP: Final = "Leave empty to keep what is stored"


class ProfileForm(forms.ModelForm):
    """What people say about themselves."""

    time_zone = forms.ChoiceField(
        required=False,
        label="Time zone",
        choices=lambda: [
            ("", "The server's"),
            *((name, name) for name in sorted(zoneinfo.available_timezones())),
        ],
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "time_zone", "theme"]


class TokenForm(forms.Form):
    """A new API token of one's own."""

    name = forms.CharField(max_length=100, help_text="What uses it")
    kind = forms.ChoiceField(label="May do", choices=TOKEN_KINDS, initial="read", widget=forms.RadioSelect)
    scopes = forms.CharField(
        required=False, help_text="Such as inventory.device:view monitoring.*:view, with blanks between"
    )
    expires_on = forms.DateField(
        required=False,
        label="Expires on",
        help_text="The token works until the end of that day; empty: until revoked",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def scope_list(self) -> list[str]:
        kind = self.cleaned_data["kind"]
        return self.cleaned_data["scopes"].replace(",", " ").split() if kind == "custom" else [kind]

    def expires_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) if day else None

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("kind") == "custom" and not found.get("scopes"):
            self.add_error("scopes", "Name at least one scope")
        return found


class HistoryFilterForm(forms.Form):
    """Which changes to show."""

    who = forms.CharField(
        required=False,
        max_length=150,
        label="Who",
        widget=forms.TextInput(attrs={"placeholder": "Who: a user name"}),
    )
    model = forms.ChoiceField(required=False, label="Kind of object")
    since = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted((str(one._meta.verbose_name), one._meta.label_lower) for one in tracked_models())
        self.fields["model"].choices = [("", "Any kind of object")] + [
            (label, name.capitalize()) for name, label in kinds
        ]


class RoleForm(forms.Form):
    """A role to give to somebody."""

    role = forms.ModelChoiceField(queryset=None, empty_label="Choose a role")

    def __init__(self, *args: Any, roles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = roles


class CredentialForm(forms.ModelForm):
    """A credential of any kind: fields of the kind that is chosen count. Secrets go in and never come out.

    `cleaned_data["secret"]` holds the fields of the kind, merged with what is stored.
    """

    class Meta:
        model = Credential
        fields = ["name", "kind", "description", "tags"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Credential.Kind.values:
            for one in fields_of(kind):
                self.fields[self.key(kind, one.name)] = self._field(kind, one.name)

    @staticmethod
    def key(kind: str, name: str) -> str:
        """The form's name for a field of a kind: two kinds have a `user` each."""
        return f"{kind.replace('-', '_')}__{name}"

    def _field(self, kind: str, name: str) -> forms.Field:
        label = LABELS.get(name) or name.replace("_", " ").capitalize()
        attributes = {"data-kind": kind, "autocomplete": "off"}
        stored = self.instance.pk is not None and self.instance.kind == kind
        usual = next(one.default for one in fields_of(kind) if one.name == name)
        made = self._made(kind, name, "" if usual is MISSING else usual, stored, attributes, label)
        # read by ui/field.html; MISSING is true: fields without a default, and those that have one
        made.expected = bool(usual)
        return made

    def _made(
        self, kind: str, name: str, usual: str, stored: bool, attributes: dict[str, str], label: str
    ) -> forms.Field:
        if name in secret_fields(kind):
            widget = forms.PasswordInput(attrs={**attributes, "autocomplete": "new-password"})
            return forms.CharField(
                label=label, required=False, widget=widget, strip=False, help_text=KEEP if stored else ""
            )
        initial = self.instance.secret.get(name, "") if stored else usual
        if choices := choices_of(kind, name):
            pairs = [(choice, choice or "None") for choice in choices]
            return forms.ChoiceField(
                label=label,
                required=False,
                choices=pairs,
                initial=initial,
                widget=forms.Select(attrs=attributes),
            )
        return forms.CharField(
            label=label, required=False, initial=initial, widget=forms.TextInput(attrs=attributes)
        )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if kind := found.get("kind"):
            found["secret"] = self._secret(kind)
        return found

    def _post_clean(self) -> None:
        """The model checks itself with the new secret, which is no field of the form."""
        if "secret" in self.cleaned_data:
            self.instance.secret = self.cleaned_data["secret"]
        super()._post_clean()

    def _update_errors(self, errors: ValidationError) -> None:
        """What the model says of the secret stands at the fields that it is made of already."""
        found = dict(errors.error_dict) if hasattr(errors, "error_dict") else None
        if found is None or found.pop("secret", None) is None:
            super()._update_errors(errors)
        elif found:
            super()._update_errors(ValidationError(found))

    def given_secret(self) -> dict[str, str]:
        """What was typed for the chosen kind, by field name; fields left at nothing are not in it."""
        kind = self.cleaned_data["kind"]
        typed = {one.name: self.cleaned_data.get(self.key(kind, one.name), "") for one in fields_of(kind)}
        return {name: value for name, value in typed.items() if value}

    def _secret(self, kind: str) -> dict[str, str]:
        same = self.instance.pk is not None and self.initial.get("kind") == kind
        secret = merged(kind, self.instance.secret if same else {}, self.given_secret())
        try:
            read_secret(kind, secret)
        except ValidationError as error:
            for one in error.error_dict["secret"]:
                name = (one.params or {}).get("field")
                said = "This field is required." if name and not secret.get(name) else one.messages
                self.add_error(self.key(kind, name) if name else None, ValidationError(said))
        return secret
