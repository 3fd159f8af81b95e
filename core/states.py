"""What a state looks like: a tone (the only use of color), an icon and a word. Apps add their own words."""

from __future__ import annotations

from dataclasses import dataclass

TONES = ("ok", "warn", "bad", "info", "off")
TONE_ICONS = {
    "ok": "circle-check",
    "warn": "alert-triangle",
    "bad": "alert-octagon",
    "info": "info-circle",
    "off": "help-circle",
}


@dataclass(frozen=True, slots=True)
class State:
    """One state as people see it. tone is one of TONES."""

    key: str
    label: str
    tone: str
    icon: str


_STATES: dict[str, State] = {}


class DuplicateState(Exception):
    """Two apps say different things about one state."""


def add(key: str, label: str, tone: str, icon: str = "") -> State:
    """Declare a state; a second, different declaration of the same key is refused at start."""
    if tone not in TONES:
        raise ValueError(f"state {key!r}: tone {tone!r} is none of {', '.join(TONES)}")
    state = State(key, label, tone, icon or TONE_ICONS[tone])
    if _STATES.setdefault(key, state) != state:
        raise DuplicateState(f"state {key!r} is declared twice: {_STATES[key]} and {state}")
    return state


def of(value: object) -> State:
    """The state of a key, whatever its case, blanks or dashes; an unknown one is gray and says its name."""
    if value is None or value == "":
        return _STATES["unknown"]
    if isinstance(value, bool):
        return _STATES["yes" if value else "no"]
    text = str(value)
    key = text.lower().replace(" ", "_").replace("-", "_")
    return _STATES.get(key) or State(key, text.replace("_", " ").capitalize(), "off", TONE_ICONS["off"])


def known() -> tuple[State, ...]:
    """Every declared state, in the order of declaration."""
    return tuple(_STATES.values())


for _key, _label, _tone, _icon in (
    ("ok", "OK", "ok", ""),
    ("up", "Up", "ok", ""),
    ("active", "Active", "ok", ""),
    ("enabled", "Enabled", "ok", ""),
    ("healthy", "Healthy", "ok", ""),
    ("resolved", "Resolved", "ok", ""),
    ("success", "Succeeded", "ok", ""),
    ("sent", "Sent", "ok", ""),
    ("yes", "Yes", "ok", "check"),
    ("warning", "Warning", "warn", ""),
    ("degraded", "Degraded", "warn", ""),
    ("pending", "Pending", "warn", "clock"),
    ("late", "Late", "warn", "clock-exclamation"),
    ("maintenance", "Maintenance", "info", "tool"),
    ("critical", "Critical", "bad", ""),
    ("down", "Down", "bad", "circle-x"),
    ("failed", "Failed", "bad", "circle-x"),
    ("error", "Error", "bad", "circle-x"),
    ("firing", "Firing", "bad", "flame"),
    ("info", "Information", "info", ""),
    ("information", "Information", "info", ""),
    ("planned", "Planned", "info", "calendar"),
    ("running", "Running", "info", "player-play"),
    ("queued", "Queued", "info", "clock"),
    ("acknowledged", "Acknowledged", "info", "eye-check"),
    ("snoozed", "Snoozed", "off", "zzz"),
    ("silenced", "Silenced", "off", "bell-off"),
    ("suppressed", "Suppressed", "off", "bell-off"),
    ("in_stock", "In stock", "off", "package"),
    ("retired", "Retired", "off", "archive"),
    ("disabled", "Disabled", "off", "circle-minus"),
    ("revoked", "Revoked", "off", "circle-minus"),
    ("expired", "Expired", "warn", "clock-exclamation"),
    ("no", "No", "off", "minus"),
    ("unknown", "Unknown", "off", ""),
    ("no_data", "No data", "off", ""),
):
    add(_key, _label, _tone, _icon)
