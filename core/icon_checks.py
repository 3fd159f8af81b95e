"""System checks of the front end: every icon that a template or the menu names must exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from core import icons, menu, states
from core.resources.base import all_resources

USED = re.compile(r"""\{%\s*icon\s+["']([^"']+)["']|\bicon=["']([^"'{}]+)["']""")


@register("ui")
def icons_exist(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """An icon's name that is not in Tabler's set is an error; assets not brought yet are a warning."""
    if not icons.folder().is_dir():
        return [Warning("the front end's assets are missing", hint="run `make setup`", id="ui.W001")]
    return [
        Error(str(problem), obj=place, id="ui.E001")
        for name, place in named_icons()
        if (problem := missing(name)) is not None
    ]


def missing(name: str) -> icons.MissingIcon | None:
    try:
        icons.shapes(name)
    except icons.MissingIcon as problem:
        return problem
    return None


def named_icons() -> Iterator[tuple[str, str]]:
    """Every icon named in a template, the menu or a state, with the place."""
    for path in template_files():
        for match in USED.finditer(path.read_text(encoding="utf-8")):
            yield match[1] or match[2], str(path.relative_to(settings.BASE_DIR))
    for entry in menu.entries():
        yield entry.icon, f"menu entry {entry.label}"
    for resource in all_resources():
        yield resource.icon, f"resource {resource.plural}"
    for state in states.known():
        yield state.icon, f"state {state.key}"


def template_files() -> Iterator[Path]:
    """Templates of the project itself, not of libraries."""
    base = Path(settings.BASE_DIR)
    yield from sorted((base / "templates").rglob("*.html"))
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if folder.parent == base:
            yield from sorted((folder / "templates").rglob("*.html"))
