"""Where the children's lines go: to the terminal with a prefix, and to ITIM_HOME/logs, rotated."""

import logging
import os
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES, LOG_FILES = 5_000_000, 3
LONGEST_LINE = 16_384
COLORS = {"postgres": 36, "valkey": 35, "web": 32, "worker": 34, "beat": 33, "agent": 96, "prepare": 90}

SERVERS = {"postgres", "valkey"}  # talkative: the terminal gets only what is serious, the log everything
SERIOUS = re.compile(r"FATAL|PANIC|(?i:can't|cannot|bad file)")


class Console:
    """One line in, one prefixed line out; also kept in logs/NAME.log."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.colored = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.files: dict[str, RotatingFileHandler] = {}

    def line(self, name: str, text: str) -> None:
        """Keep one line of the child `name`, and show it unless it is a server's small talk."""
        if name in SERVERS and not SERIOUS.search(text):
            self.keep(name, text)
        else:
            self.announce(name, text)

    def announce(self, name: str, text: str) -> None:
        """Show and keep one line about the child `name`."""
        self.keep(name, text)
        prefix = f"{name:<8} | "
        if self.colored and name in COLORS:
            prefix = f"\033[{COLORS[name]}m{prefix}\033[0m"
        self.say(prefix + text)

    def say(self, text: str) -> None:
        """Show a line of our own; a terminal that has gone away is no reason to end."""
        try:
            print(text, flush=True)  # noqa: T201
        except OSError:
            return

    def keep(self, name: str, text: str) -> None:
        file = self.files.get(name)
        if file is None:
            path = self.folder / f"{name}.log"
            file = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
            file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
            self.files[name] = file
        file.handle(logging.makeLogRecord({"name": name, "msg": text, "levelno": logging.INFO}))


class Lines:
    """Bytes as they come out of a pipe, cut into lines; an endless line is cut at LONGEST_LINE."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[str]:
        *whole, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > LONGEST_LINE:
            whole.append(self.rest)
            self.rest = b""
        return [self.readable(line) for line in whole if line.strip()]

    def finish(self) -> list[str]:
        return self.feed(b"\n") if self.rest else []

    @staticmethod
    def readable(line: bytes) -> str:
        """Without control characters: what a child prints must not steer the terminal."""
        text = line.decode("utf-8", errors="replace").rstrip()
        return "".join(sign if sign.isprintable() or sign == "\t" else "·" for sign in text)
