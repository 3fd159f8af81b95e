"""What the alert console shows: filters of the address, numbers by state and severity, one page of alerts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils import timezone

from core.access import hidden_fields
from core.resources.choices import RemoteMultipleChoiceField
from inventory.models import Device, DeviceRole, Interface, Site
from monitoring.models import STATES, Alert, Rule, Severity, seen_alerts
from monitoring.models.alert import AlertQuerySet

OPEN: Final = ("firing", "acknowledged")
TABS: Final = ("open", *STATES)
LABELS: Final = {
    "open": "Open",
    "firing": "Unacknowledged",
    "acknowledged": "Acknowledged",
    "snoozed": "Snoozed",
    "explained": "Explained",
    "resolved": "Resolved",
}
ORDERS: Final = {
    "severity": ("-weight", "-started_at", "-pk"),
    "-severity": ("weight", "-started_at", "-pk"),
    "since": ("-started_at", "-pk"),
    "-since": ("started_at", "pk"),
    "device": ("device__name", "-weight", "-pk"),
    "-device": ("-device__name", "-weight", "-pk"),
}
LATEST: Final = ("-resolved_at", "-pk")
PATHS: Final = {
    "site": "device__site",
    "role": "device__role",
    "device": "device",
    "interface": "interface",
    "rule": "rule",
}


class FilterForm(forms.Form):
    """The filters of the console; state and severity are links, the rest a form."""

    q = forms.CharField(required=False, max_length=200, strip=True)
    state = forms.ChoiceField(required=False, choices=[(one, one) for one in TABS])
    severity = forms.MultipleChoiceField(required=False, choices=Severity.choices)
    sort = forms.ChoiceField(required=False, choices=[(one, one) for one in ORDERS])

    def __init__(self, data: QueryDict, user: Any) -> None:
        super().__init__(data)
        for name, model in zip(PATHS, (Site, DeviceRole, Device, Interface, Rule), strict=True):
            label = str(model._meta.verbose_name).capitalize()
            self.fields[name] = RemoteMultipleChoiceField(
                user=user, model=model, nullable=name in ("site", "role"), required=False, label=label
            )
            self.fields[name].widget.attrs["placeholder"] = label


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many alerts there are by state and severity, under the filters but state and severity."""

    table: Counter[tuple[str, str]]

    def of_state(self, state: str) -> int:
        return sum(count for (one, _), count in self.table.items() if one in members(state))

    def of_severity(self, severity: str, state: str) -> int:
        return sum(self.table[one, severity] for one in members(state))

    def of(self, state: str, severities: list[str]) -> int:
        return sum(self.of_severity(one, state) for one in severities or Severity.values)


def members(tab: str) -> tuple[str, ...]:
    """The states that a tab shows."""
    return OPEN if tab == "open" else (tab,)


class Console:
    """The alerts that one address asks for, through the eyes of one user."""

    def __init__(self, user: Any, data: QueryDict, action: str = "view") -> None:
        self.user = user
        self.hidden = hidden_fields(user, Alert)
        self.form = FilterForm(data, user)
        self.wanted = self.form.cleaned_data if self.form.is_valid() else {}
        self.state: str = self.wanted.get("state") or "open"
        self.severities: list[str] = self.wanted.get("severity") or []
        self.sort: str = self.wanted.get("sort") or "severity"
        self._all = seen_alerts(user, action)

    @property
    def shown_filters(self) -> list[str]:
        """Names of the choices in the form; a filter by interface comes by link only."""
        return [name for name in PATHS if name != "interface" or self.wanted.get("interface")]

    @property
    def problems(self) -> list[str]:
        """What the address says that cannot be."""
        return [f"{name}: {text}" for name, found in self.form.errors.items() for text in found]

    def _filtered(self) -> AlertQuerySet:
        rows = self._all if self.form.is_valid() else self._all.none()
        for name, path in PATHS.items():
            if chosen := self.wanted.get(name):
                rows = rows.filter(_among(path, chosen))
        if text := self.wanted.get("q"):
            about = ["device__name", "device__address", "instance", *({"text"} - self.hidden)]
            rows = rows.filter(_any_contains(about, text))
        return rows

    def rows(self) -> AlertQuerySet:
        """The alerts of the chosen state and severities, not ordered."""
        rows = self._filtered().filter(in_state(self.state))
        return rows.filter(severity__in=self.severities) if self.severities else rows

    def ordered(self) -> AlertQuerySet:
        """Those alerts with what a row shows."""
        rows = self.rows().with_state().by_weight()
        rows = rows.select_related("device__site", "acknowledged_by", "suppressed_by__device")
        newest_end = self.state == "resolved" and not self.wanted.get("sort")
        return rows.order_by(*(LATEST if newest_end else ORDERS[self.sort]))

    def numbers(self) -> Numbers:
        """Two queries at most; ended alerts are counted only where they are shown."""
        rows = self._filtered()
        if self.state != "resolved":
            rows = rows.filter(status=Alert.Status.FIRING)
        found = rows.with_state().order_by().values_list("state", "severity").annotate(number=Count("pk"))
        return Numbers(Counter({(state, severity): number for state, severity, number in found}))


def in_state(tab: str) -> Q:
    """The condition for a tab, so that indexes serve it."""
    if tab == "resolved":
        return Q(status=Alert.Status.RESOLVED)
    firing = Q(status=Alert.Status.FIRING)
    if tab == "explained":
        return firing & Q(suppressed_by__isnull=False)
    asleep = Q(snoozed_until__gt=timezone.now())
    firing &= Q(suppressed_by__isnull=True)
    if tab == "snoozed":
        return firing & asleep
    firing &= ~asleep | Q(snoozed_until__isnull=True)
    return firing if tab == "open" else firing & Q(acknowledged_at__isnull=tab == "firing")


def _among(path: str, chosen: list[Any]) -> Q:
    condition = Q(**{f"{path}__in": [one for one in chosen if one is not None]})
    return condition | Q(**{f"{path}__isnull": True}) if None in chosen else condition


def _any_contains(paths: list[str], text: str) -> Q:
    found = Q()
    for path in paths:
        found |= Q(**{f"{path}__icontains": text})
    return found
