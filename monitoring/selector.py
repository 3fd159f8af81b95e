"""Selectors: which devices and instances a rule or a route is about. Pure: no Django.

A selector is a JSON object; a missing key picks everything, several keys must all agree:
{"role": [ids], "not_role": [ids], "role_kind": [kinds of device], "not_role_kind": [kinds of device],
"site": [ids], "platform": [keys], "tag": [names], "status": [device statuses], "kind": [check kinds],
"instance": regular expression, "not_instance": regular expression}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

NUMBERS: Final = ("role", "not_role", "site")
WORDS: Final = ("role_kind", "not_role_kind", "platform", "tag", "status", "kind")
PATTERNS: Final = ("instance", "not_instance")


class SelectorError(ValueError):
    """A selector that cannot be used; the text names the key."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a selector looks at: a device and the kind of the check that watches it."""

    role: int | None = None
    site: int | None = None
    platform: str = ""
    tag: frozenset[str] = frozenset()
    status: str = ""
    kind: str = ""
    role_kind: str = ""


def validate(selector: Any) -> None:
    """SelectorError where the selector is no object, has an unknown key or a value of the wrong kind."""
    if not isinstance(selector, Mapping):
        raise SelectorError("A selector is an object, such as {}")
    known = (*NUMBERS, *WORDS, *PATTERNS)
    for key, value in selector.items():
        if key not in known:
            raise SelectorError(f"{key!r} is not a key of a selector; there are {', '.join(known)}")
        if key in PATTERNS:
            _validate_pattern(key, value)
        else:
            _validate_list(key, value, int if key in NUMBERS else str)


def _validate_list(key: str, value: Any, kind: type) -> None:
    items = value if isinstance(value, list) else None
    if items is None or not all(isinstance(item, kind) and not isinstance(item, bool) for item in items):
        raise SelectorError(f"{key}: a list of {'numbers' if kind is int else 'words'} is needed")


def _validate_pattern(key: str, value: Any) -> None:
    if not isinstance(value, str) or len(value) > 200:
        raise SelectorError(f"{key}: a regular expression of at most 200 characters is needed")
    try:
        re.compile(value)
    except re.error as error:
        raise SelectorError(f"{key}: {error}") from None


def picks_device(selector: Mapping[str, Any], subject: Subject) -> bool:
    """Whether every key about the device or the kind of check agrees."""
    for key in (*NUMBERS, *WORDS):
        wanted = selector.get(key)
        if wanted is None:
            continue
        if key.startswith("not_"):
            if getattr(subject, key.removeprefix("not_")) in wanted:
                return False
        elif key == "tag":
            if subject.tag.isdisjoint(wanted):
                return False
        elif getattr(subject, key) not in wanted:
            return False
    return True


def picks_instance(selector: Mapping[str, Any], instance: str) -> bool:
    """Whether the instance (interface, mount point, sensor) is picked; patterns match anywhere in it."""
    wanted, unwanted = selector.get("instance"), selector.get("not_instance")
    if wanted and not _compiled(wanted).search(instance):
        return False
    return not (unwanted and _compiled(unwanted).search(instance))


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
