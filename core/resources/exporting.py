"""Export: the filtered rows as CSV or XLSX, streamed, with what import takes back."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from core.resources.attributes import Attribute, Reference, References
from core.resources.base import Resource
from core.resources.references import texts
from core.resources.rows import Reader

CHUNK = 2000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
QUOTE = "'"


class Export:
    """The rows of a queryset as texts, for one user."""

    def __init__(self, resource: Resource, user: Any, names: Iterable[str]) -> None:
        self.resource = resource
        self.user = user
        self.reader = Reader(resource, user, names)

    @property
    def names(self) -> list[str]:
        return list(self.reader.attributes)

    def rows(self, queryset: QuerySet) -> Iterator[list[str]]:
        """Head and rows. Read in chunks of keys, so that memory holds a chunk at a time."""
        yield self.names
        keys = list(queryset.values_list("pk", flat=True))
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            rows = {
                row["pk"]: row for row in self.reader.read(queryset.model._base_manager.filter(pk__in=part))
            }
            yield from self._texts([rows[key] for key in part if key in rows])

    def _texts(self, rows: list[dict[str, Any]]) -> Iterator[list[str]]:
        said = {name: self._names(name, rows) for name in self.reader.references}
        for row in rows:
            yield [
                neutral(self._text(name, one, row[name], said))
                for name, one in self.reader.attributes.items()
            ]

    def _names(self, name: str, rows: list[dict[str, Any]]) -> dict[Any, str]:
        related = self.reader.attributes[name].related  # type: ignore[attr-defined]
        return texts(self.user, related, (row[name].id for row in rows if row[name]))

    def _text(self, name: str, attribute: Attribute, value: Any, said: dict[str, dict[Any, str]]) -> str:
        if isinstance(attribute, References):
            return ", ".join(one.name for one in value)
        if isinstance(attribute, Reference):
            return said[name].get(value.id, "") if value else ""
        return attribute.to_text(value)


def neutral(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula (CWE-1236); numbers stay. `plain` undoes it."""
    if text.startswith(FORMULA) and not _is_number(text):
        return QUOTE + text
    return QUOTE + text if text.startswith(QUOTE) and text[1:].startswith((*FORMULA, QUOTE)) else text


def plain(text: str) -> str:
    """What `neutral` was given."""
    return text[1:] if text.startswith(QUOTE) and text[1:].startswith((*FORMULA, QUOTE)) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[1:2].isdigit()


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[list[str]]) -> Iterator[str]:
    """CSV by RFC 4180 with a byte order mark, by which spreadsheets know UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow(row)


def as_xlsx(rows: Iterable[list[str]], title: str) -> Any:
    """An open temporary file with the workbook; every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", one) for one in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - who asked for it closes it
    book.save(file)
    file.seek(0)
    return file
