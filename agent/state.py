"""The agent's folder: who it is to the server, what the server told it, the spool, a lock."""

import json
import os
import sys
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import IO, Any

from agent.problem import Problem

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

INTERVALS = (5, 3600)
MOST_PROCESSES = 100
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Identity:
    """What the enrollment gave. The key opens the server's door for this one machine."""

    server: str
    agent_id: str
    key: str
    ca: str = ""

    def __repr__(self) -> str:
        return f"Identity({self.server}, {self.agent_id})"


@dataclass(frozen=True, slots=True)
class Config:
    """What the server wants: seconds between readings, process names to count."""

    interval: int = 60
    processes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """The inventory that the server has: its hash, and when (unix seconds) it was taken."""

    hash: str = ""
    at: float = 0.0


def default_folder() -> Path:
    """ITIM_AGENT_STATE, else /var/lib/itim-agent for root, else under the user's home."""
    if given := os.environ.get("ITIM_AGENT_STATE"):
        return Path(given)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/itim-agent")
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "itim-agent"
    return Path.home() / ".local" / "state" / "itim-agent"


def merged(config: Config, told: Any) -> Config:
    """The config with what the server told in a report's answer; what makes no sense is ignored."""
    if not isinstance(told, dict):
        return config
    interval, processes = told.get("interval"), told.get("processes")
    low, high = INTERVALS
    if isinstance(interval, int) and not isinstance(interval, bool) and low <= interval <= high:
        config = replace(config, interval=interval)
    if isinstance(processes, list) and all(isinstance(name, str) for name in processes):
        names = dict.fromkeys(name.strip()[:LONGEST_NAME] for name in processes)
        config = replace(config, processes=tuple(name for name in names if name)[:MOST_PROCESSES])
    return config


class State:
    """Files in one folder of mode 0700; every change is whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: IO[str] | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(f"the state folder {folder} cannot be made: {error.strerror}") from error

    def lock(self) -> None:
        """Keeps a second agent out of this folder until the process ends. Raises Problem."""
        try:
            handle = (self.folder / "lock").open("w")
        except OSError as error:
            raise Problem(f"the state folder {self.folder} cannot be written: {error.strerror}") from error
        try:
            if sys.platform == "win32":
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise Problem(f"another agent already works in {self.folder}") from None
        self._lock = handle

    def identity(self) -> Identity | None:
        """None before the enrollment. Raises Problem when the file is not what we wrote."""
        found = self._read("identity.json")
        if found is None:
            return None
        try:
            return Identity(**{field.name: str(found[field.name]) for field in fields(Identity)})
        except (KeyError, TypeError):
            raise self._broken("identity.json") from None

    def save_identity(self, identity: Identity) -> None:
        """Raises Problem: an enrollment that cannot be kept must not go unnoticed."""
        try:
            self._write("identity.json", asdict(identity))
        except OSError as error:
            text = f"the key cannot be kept in {self.folder}: {error.strerror}"
            raise Problem(text) from error

    def config(self) -> Config:
        """What the server told last, else the defaults."""
        try:
            return merged(Config(), self._read("config.json"))
        except Problem:
            return Config()

    def save_config(self, config: Config) -> None:
        """Raises OSError."""
        self._write("config.json", asdict(config))

    def delivered(self) -> Delivered:
        try:
            found = self._read("inventory.json") or {}
            return Delivered(str(found.get("hash", "")), float(found.get("at", 0.0)))
        except (Problem, AttributeError, TypeError, ValueError):
            return Delivered()

    def save_delivered(self, delivered: Delivered) -> None:
        """Raises OSError."""
        self._write("inventory.json", asdict(delivered))

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Problem(f"{self.folder / name} cannot be read: {error.strerror}") from error
        except ValueError:
            raise self._broken(name) from None

    def _broken(self, name: str) -> Problem:
        return Problem(f"{self.folder / name} is damaged: remove it and enroll again")

    def _write(self, name: str, content: Any) -> None:
        write_whole(self.folder / name, json.dumps(content).encode())


def write_whole(path: Path, content: bytes, sync: bool = True) -> None:
    """Replaces the file, readable by the owner alone, in one step: a kill leaves the old or the new one."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            if sync:
                os.fsync(handle.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
