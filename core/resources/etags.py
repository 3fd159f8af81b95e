"""Which state of an object a client has read: a strong ETag (RFC 9110, 8.8.3) of what the user sees of it.

Of one object it travels in the headers ETag and If-Match; of many in each of them, as `_etag`.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.resources.writing import Errors, InvalidObjects

NAME = "_etag"
ANY = "*"


class ObjectsChanged(InvalidObjects):
    """Nothing was written: these objects are no longer as the client read them."""

    said = "have changed since: read them again"


def etag(body: dict[str, Any]) -> str:
    """The tag of an object as Reader.json says it to the user."""
    return f'"{hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:32]}"'


def in_header(request: Request, header: str) -> list[str]:
    """The tags of If-Match or If-None-Match."""
    return [_strong(tag) for tag in request.headers.get(header, "").split(",") if tag.strip()]


def taken_out(bodies: Sequence[Any]) -> tuple[list[Any], dict[int, str]]:
    """The bodies without their tags, and the tags by index; InvalidObjects where one is no text."""
    tags = {index: body[NAME] for index, body in enumerate(bodies) if isinstance(body, dict) and NAME in body}
    if wrong := [index for index, tag in tags.items() if not isinstance(tag, str)]:
        raise InvalidObjects({index: {NAME: ["Must be a string, as reading gave it"]} for index in wrong})
    plain = [
        {name: value for name, value in body.items() if name != NAME} if index in tags else body
        for index, body in enumerate(bodies)
    ]
    return plain, {index: _strong(tag) for index, tag in tags.items()}


def require(wanted: dict[int, str], stored: dict[int, str]) -> None:
    """ObjectsChanged, by index, where a wanted tag is not the stored one."""
    stale: dict[int, Errors] = {
        index: {NAME: ["The object has changed since: read it again"]}
        for index, tag in wanted.items()
        if tag not in (ANY, stored.get(index))
    }
    if stale:
        raise ObjectsChanged(stale)


def _strong(tag: str) -> str:
    return tag.strip().removeprefix("W/")
