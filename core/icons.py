"""Icons: Tabler's outlines as inline SVG, read from static/vendor at first use and kept."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = "vendor/tabler-icons/outline"
INNER = re.compile(r"<svg[^>]*>(?P<inner>.*)</svg>", re.DOTALL)
FRAME = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>\s*')
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


class MissingIcon(Exception):
    """No such icon; the message names it and the place."""


def folder() -> Path:
    """Where the outlines lie; it need not exist before the assets are brought."""
    return Path(settings.BASE_DIR) / "static" / FOLDER


@cache
def shapes(name: str) -> str:
    """What stands inside the icon's <svg>; raises MissingIcon."""
    if not NAME.match(name):
        raise MissingIcon(f"icon {name!r}: a name is small letters, digits and dashes")
    try:
        text = (folder() / f"{name}.svg").read_text(encoding="utf-8")
    except OSError as error:
        raise MissingIcon(f"icon {name!r} is not in static/{FOLDER} (tabler.io/icons lists them)") from error
    match = INNER.search(text)
    if not match:
        raise MissingIcon(f"icon {name!r}: static/{FOLDER}/{name}.svg is no SVG")
    return re.sub(r"\s*\n\s*", "", FRAME.sub("", match["inner"]))
