"""Lines for a person, on standard error: systemd and the launcher add the time."""

import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

REPEAT_AFTER = 3600.0
LONGEST = 500


def printable(text: str) -> str:
    """One line without control characters: text from the server may hold anything."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


class Journal:
    """Says each line; a trouble that lasts is said once an hour, and once more when it is over."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._said: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        stream = self._stream or sys.stderr
        with self._lock:
            try:
                stream.write(f"itim-agent: {printable(text)}\n")
                stream.flush()
            except OSError:
                pass  # nobody listens, or the disk of the log is full: reporting goes on

    def trouble(self, key: str, text: str) -> None:
        """Says text unless the same was said about key less than an hour ago."""
        before = self._said.get(key)
        if before and before[0] == text and self._clock() - before[1] < REPEAT_AFTER:
            return
        self._said[key] = (text, self._clock())
        self.say(text)

    def over(self, key: str, text: str) -> None:
        """Says text if trouble was told about key."""
        if self._said.pop(key, None):
            self.say(text)
