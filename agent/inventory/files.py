"""Reading small system files."""

from pathlib import Path


def first_line(path: Path) -> str:
    """The file's first line without blanks at its ends, "" when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0 \n\t").partition("\n")[0]
    except OSError:
        return ""
