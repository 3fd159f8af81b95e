"""Uploaded tables: CSV in whatever encoding and dialect, XLSX; as head and rows of texts."""

import csv
import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.resources.exporting import plain

MAX_BYTES = 20 * 2**20
MAX_PLAIN = 400 * 2**20
MAX_ROWS = 50_000
ENCODINGS = ("utf-8-sig", "cp1252")
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # ElementTree.ParseError is one
    RuntimeError,  # zipfile: encrypted, or compressed in a way that it does not know
    InvalidFileException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
)
"""What zipfile, ElementTree and openpyxl raise for files that are not what they say."""


class UnreadableTable(Exception):
    """The file cannot be read; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """The head, and the rows as (line number in the file, texts)."""

    head: list[str]
    rows: list[tuple[int, list[str]]]


def read(content: bytes, name: str) -> TableFile:
    """The table in an uploaded file; UnreadableTable for everything that is none."""
    if not content:
        raise UnreadableTable("The file is empty")
    if len(content) > MAX_BYTES:
        raise UnreadableTable(f"The file is larger than {MAX_BYTES // 2**20} MB")
    lines = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    filled = [(number, row) for number, row in lines if any(text.strip() for text in row)]
    if not filled:
        raise UnreadableTable("The file holds no rows")
    if len(filled) > MAX_ROWS + 1:
        raise UnreadableTable(f"The file holds more than {MAX_ROWS:,} rows; split it")
    _, head = filled[0]
    return TableFile(
        [text.strip() for text in head], [(at, [plain(one) for one in row]) for at, row in filled[1:]]
    )


def _csv(content: bytes) -> list[tuple[int, list[str]]]:
    text = _decoded(content)
    if "\x00" in text:
        raise UnreadableTable("The file is neither CSV nor XLSX")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UnreadableTable(f"Line {reader.line_num}: {error}") from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableTable("The file is no valid UTF-16 text") from error
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _xlsx(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_PLAIN:
                raise UnreadableTable("The workbook is too large when unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2)
        return [(number, [_said(one) for one in row]) for number, row in enumerate(rows, 1)]
    except UnreadableTable:
        raise
    except DAMAGED as error:
        raise UnreadableTable(f"The workbook cannot be read: {error}") from error


def _said(value: Any) -> str:
    """A cell's value as CSV would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
