"""What an import takes, column by column, for the page that asks for the file."""

from dataclasses import dataclass
from typing import Any

from core.access import hidden_fields, visible
from core.resources.attributes import Attribute, Reference, References
from core.resources.base import Resource
from core.resources.exporting import Export
from core.resources.references import SEPARATOR, text_paths

KINDS = {
    "boolean": "yes or no",
    "integer": "A whole number",
    "number": "A number",
    "date": "A date such as 2026-05-31",
    "datetime": "A time such as 2026-05-31T12:00:00Z",
    "list": "Words separated by commas",
    "json": "JSON",
    "inet": "An address with prefix, such as 192.0.2.7/24",
}
SAMPLES = {"boolean": "yes", "integer": "1", "number": "1.5", "date": "2026-05-31", "inet": "192.0.2.7/24"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One column: whether it must be there, what its cells may say, one that would do."""

    name: str
    label: str
    need: str
    takes: str
    example: str


def columns(resource: Resource, user: Any) -> dict[str, Attribute]:
    """What this user may import, by name."""
    hidden = hidden_fields(user, resource.model)
    return {
        name: one
        for name, one in resource.attributes.items()
        if one.writable and not one.secret and name not in hidden
    }


def guide(resource: Resource, user: Any) -> list[Taken]:
    """Every column in the order of the template; examples are those of a row that is there."""
    known = columns(resource, user)
    rows = visible(user, resource.model).order_by("pk")[:1]
    _, *found = Export(resource, user, known).rows(rows)
    example = dict(zip(known, found[0], strict=True)) if found else {}
    return [
        Taken(
            name,
            one.label,
            need(resource, name, one),
            takes(one),
            example.get(name, "") if found else sample(one),
        )
        for name, one in known.items()
    ]


def need(resource: Resource, name: str, attribute: Attribute) -> str:
    """In words; the key comes first, for without it nothing is found."""
    if name in resource.natural_key:
        return "tells rows apart" + ("" if attribute.null else ", required")
    return "required for new rows" if attribute.required else "optional"


def takes(attribute: Attribute) -> str:
    """What a cell may say."""
    if isinstance(attribute, Reference):
        said = _reference(attribute)
    elif attribute.choices:
        said = "One of " + ", ".join(str(value) for value, _ in attribute.choices)
    elif attribute.kind in KINDS:
        said = KINDS[attribute.kind]
    else:
        longest = getattr(attribute.field, "max_length", None)
        said = f"Text, at most {longest} characters" if longest else "Text"
    return f"{said}. {attribute.help}" if attribute.help else said


def _reference(attribute: Reference) -> str:
    meta = attribute.related._meta
    if isinstance(attribute, References):
        return f"Names of {meta.verbose_name_plural} that exist, separated by commas"
    paths = [
        path.replace("__name", "").replace("__", " ").replace("_", " ") for path in text_paths(meta.model)
    ]
    if len(paths) == 1:
        return f"The {paths[0]} of a {meta.verbose_name} that exists"
    said = f"A {meta.verbose_name} that exists, as {SEPARATOR.join(paths)}"
    return f"{said}; {paths[0]} alone where no other has it"


def sample(attribute: Attribute) -> str:
    """A cell for a list in which nothing stands yet."""
    if attribute.choices:
        return str(attribute.choices[0][0])
    return SAMPLES.get(attribute.kind, "")
