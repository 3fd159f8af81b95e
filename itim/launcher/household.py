"""ITIM_HOME: one `up` at a time in a folder that is ours, and what is already done in it (stamps)."""

import fcntl
import hashlib
import os
import sys
from pathlib import Path
from typing import IO

from itim.environment import BASE_DIR, home, socket_folder
from itim.launcher.process import LaunchProblem


def settle() -> Path:
    """ITIM_HOME as a folder only we can read and that we can write; LaunchProblem says what is wrong."""
    folder = home()
    trial = folder / ".trial"
    try:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o700)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise LaunchProblem(f"ITIM_HOME={folder} cannot be written: {error.strerror}") from error
    make_socket_folder(socket_folder())
    return folder


def make_socket_folder(folder: Path) -> None:
    """0700 and ours: under /tmp somebody else may have made it first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise LaunchProblem(f"{folder} belongs to another user: remove it, or choose a shorter ITIM_HOME")
    folder.chmod(0o700)


def lock(folder: Path, address: str) -> IO[str]:
    """The one lock of this home, held until we end; LaunchProblem when another `up` has it."""
    handle = (folder / "up.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.seek(0)
        raise LaunchProblem(f"ITIM already runs in {folder} ({handle.read().strip()})") from error
    handle.truncate(0)
    handle.write(f"process {os.getpid()}, {address}")
    handle.flush()
    return handle


def runs(folder: Path) -> bool:
    """Whether an `up` holds this home now."""
    try:
        with (folder / "up.lock").open("r+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def fingerprint() -> str:
    """A hash over what decides the schema and the static files: their sources, settings and the lock."""
    digest = hashlib.sha256(sys.version.encode())
    for file in [BASE_DIR / "requirements.lock", BASE_DIR / "itim" / "settings.py", *schema_files()]:
        digest.update(file.read_bytes())
    for file in static_files():
        state = file.stat()
        digest.update(f"{file} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()


def schema_files() -> list[Path]:
    return sorted(BASE_DIR.glob("*/migrations/*.*"))


def static_files() -> list[Path]:
    """What is published; icons are not (see itim/apps.py)."""
    found = []
    for folder, folders, names in os.walk(BASE_DIR / "static", followlinks=True):
        folders[:] = sorted(name for name in folders if name != "tabler-icons")
        found += [Path(folder) / name for name in sorted(names)]
    return found
