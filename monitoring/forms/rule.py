"""Forms with a selector: what it picks as choices and patterns instead of JSON."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from core.access import hidden_fields, visible
from core.models import Tag
from core.resources.choices import RemoteMultipleChoiceField
from core.resources.forms import ResourceForm
from inventory.models import Device, DeviceRole, Platform, Site
from monitoring import selector
from monitoring.measured import RULED
from probes.kinds import KINDS

PREFIX = "where_"
LABELS = {
    "role": "Device roles",
    "not_role": "Not device roles",
    "role_kind": "Kinds of device",
    "not_role_kind": "Not kinds of device",
    "site": "Sites",
    "platform": "Platforms",
    "tag": "Device tags",
    "status": "Device states",
    "kind": "Kinds of check",
    "instance": "Only instances like",
    "not_instance": "Not instances like",
}
HELP = {
    "instance": "Regular expression over interface, mount point or sensor, such as ^(Gi|Te)",
    "not_instance": "Regular expression, such as ^(lo|docker)",
}
MODELS: dict[str, Any] = {"role": DeviceRole, "not_role": DeviceRole, "site": Site}


def selector_field(key: str, user: Any) -> forms.Field:
    """The field for one key of a selector."""
    shared: dict[str, Any] = {"label": LABELS[key], "required": False, "help_text": HELP.get(key, "")}
    if key in MODELS:
        return RemoteMultipleChoiceField(user=user, model=MODELS[key], nullable=False, **shared)
    if key in selector.PATTERNS:
        return forms.CharField(max_length=200, widget=forms.TextInput(attrs={"class": "mono"}), **shared)
    widget = forms.SelectMultiple(attrs={"data-choices": ""})
    return forms.MultipleChoiceField(choices=choices(key, user), widget=widget, **shared)


def choices(key: str, user: Any) -> list[tuple[str, str]]:
    """What a key that takes words may name."""
    if key == "platform":
        return list(visible(user, Platform).order_by("name").values_list("key", "name"))
    if key == "tag":
        return [(name, name) for name in visible(user, Tag).order_by("name").values_list("name", flat=True)]
    if key in ("role_kind", "not_role_kind"):
        return [(value, str(label)) for value, label in DeviceRole.Kind.choices]
    if key == "status":
        return [(value, str(label)) for value, label in Device.Status.choices]
    return [*((name, kind.label) for name, kind in KINDS.items()), ("agent", "Agent")]


class SelectorForm(ResourceForm):
    """Fields where_role, where_site, … stand for the column `selector`."""

    covers = ("selector",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hidden = hidden_fields(self.user, self.resource.model)
        self.stored: dict[str, Any] = dict(self.instance.selector)
        self.keys = [] if "selector" in self.hidden else list(LABELS)
        for key in self.keys:
            made = selector_field(key, self.user)
            made.initial = self.stored.get(key)
            known = {value for value, _ in getattr(made, "choices", ())}
            if isinstance(made, forms.MultipleChoiceField):
                made.choices += [(one, one) for one in self.stored.get(key) or [] if one not in known]
            self.fields[PREFIX + key] = made

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.keys:
            found["selector"] = self.instance.selector = self.selector()
        return found

    def selector(self) -> dict[str, Any]:
        """What the fields say; what the user may not see of the stored one stays in it."""
        chosen: dict[str, Any] = {}
        for key in LABELS:
            value = self.cleaned_data.get(PREFIX + key)
            if key in MODELS:
                value = [one.pk for one in value or []] + self._unseen(key)
            if value:
                chosen[key] = value
                self._try(key, value)
        return chosen

    def _unseen(self, key: str) -> list[int]:
        stored = self.stored.get(key) or []
        seen = set(visible(self.user, MODELS[key]).filter(pk__in=stored).values_list("pk", flat=True))
        kept = set(MODELS[key].objects.filter(pk__in=stored).values_list("pk", flat=True)) - seen
        return [one for one in stored if one in kept]

    def _try(self, key: str, value: Any) -> None:
        try:
            selector.validate({key: value})
        except selector.SelectorError as error:
            self.add_error(PREFIX + key, str(error).partition(": ")[2] or str(error))

    def _update_errors(self, errors: ValidationError) -> None:
        """What the model says of the selector is said at its fields already."""
        found = dict(getattr(errors, "error_dict", {}))
        found.pop("selector", None)
        if found or not hasattr(errors, "error_dict"):
            super()._update_errors(ValidationError(found) if found else errors)  # type: ignore[misc]

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields of the selector stand in the group that names it."""
        mine = [self[name] for name in (*(PREFIX + key for key in self.keys), "reach") if name in self.fields]
        done: set[str] = {field.name for field in mine}
        for heading, names in self.resource.groups:
            found = [self[name] for name in names if name in self.fields]
            done |= set(names)
            yield heading, found + (mine if "selector" in names else [])
        if rest := [self[name] for name in self.fields if name not in done]:
            yield "", rest


class ReachWidget(forms.Widget):
    """Not a control: says how much the rule would look at, while it is being written."""

    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> None:
        return None

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """By the project's templates: Django's renderer of forms knows only its own."""
        return render_to_string("monitoring/parts/reach_live.html", {"url": reverse("rule-reach")})


class RuleForm(SelectorForm):
    """A rule: its metric is chosen by what it is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.hidden & {"metric", "selector"}:
            return
        self.fields["metric"] = forms.ChoiceField(
            choices=metric_choices(), label="Metric", widget=forms.Select(attrs={"data-choices": ""})
        )
        self.fields["reach"] = Reach(label="What it looks at", widget=ReachWidget)


class Reach(forms.Field):
    def clean(self, value: Any) -> None:
        return None


class RouteForm(SelectorForm):
    """A route: whom to tell of which alerts."""


def metric_choices() -> list[tuple[str, str]]:
    """Every metric by its label and unit."""
    pairs = [(one.name, f"{one.label} ({one.unit})" if one.unit else one.label) for one in RULED.values()]
    return [("", "Choose a metric"), *sorted(pairs, key=lambda pair: pair[1].lower())]
