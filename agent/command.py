"""Running a system program."""

import os
import subprocess
from collections.abc import Sequence


class CommandFailed(Exception):
    """Not there, not in time, or not with exit code 0; its text says which."""


def output(command: Sequence[str], timeout: float = 20.0) -> str:
    """What the command prints, in the C locale. Raises CommandFailed."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"{command[0]} did not answer in {timeout:g} s") from None
    except OSError as error:
        raise CommandFailed(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise CommandFailed(f"{command[0]} failed: {reason[-1] if reason else done.returncode}")
    return done.stdout.decode(errors="replace")
