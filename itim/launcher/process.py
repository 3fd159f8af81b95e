"""Child processes that cannot outlive us, and the user they run as."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 23, 47, 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


class LaunchProblem(Exception):
    """Something cannot be started; the text is the one line a person needs."""


def prctl(option: int, *arguments: int) -> int:
    values = [ctypes.c_ulong(number) for number in (*arguments, 0, 0, 0, 0)[:4]]
    result: int = LIBC.prctl(option, *values)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")
    return result


def die_with_parent(number: int = signal.SIGKILL, parent: int = 0) -> None:
    """Have the kernel send this process a signal when the thread that started it ends, however it ends.

    Cleared by a change of user, so it comes after one; `parent` catches one that died before this call.
    """
    prctl(PR_SET_PDEATHSIG, number)
    if parent and os.getppid() != parent:
        os.kill(os.getpid(), number)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a child runs as. PostgreSQL refuses root, so root starts it as `nobody`.

    `capability` lets that user pass through folders closed to it (a home or an ITIM_HOME of mode 0700).
    """

    uid: int
    gid: int
    capability: int | None = None

    def assume(self) -> None:
        """Become this user; to be called in a child only."""
        if self.capability is not None:
            prctl(PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        if self.capability is not None:
            keep_capability(self.capability)

    def own(self, folder: Path) -> None:
        os.chown(folder, self.uid, self.gid)


def keep_capability(number: int) -> None:
    """Keep one capability over a change of user and over exec, and no other."""
    mask = 1 << number
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(
        mask, mask, mask, 0, 0, 0
    )  # effective, permitted, inheritable; twice 32 bits
    if LIBC.capset(ctypes.byref(header), ctypes.byref(sets)) < 0:
        raise OSError(ctypes.get_errno(), "capset")
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number)


def identity_for(paths: Sequence[Path]) -> Identity | None:
    """Who runs PostgreSQL: None (ourselves) unless we are root; else nobody, able to reach the paths."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise LaunchProblem(
            "as root PostgreSQL runs as `nobody`, and this machine has no such user"
        ) from error
    for capability in (None, CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        identity = Identity(nobody.pw_uid, nobody.pw_gid, capability)
        if reaches(identity, paths):
            return identity
    raise LaunchProblem(
        f"PostgreSQL does not run as root, and `nobody` cannot reach {paths[0]}: "
        "start ITIM as an ordinary user, or give DATABASE_URL"
    )


def reaches(identity: Identity, paths: Sequence[Path]) -> bool:
    """Whether a process of that identity can look at every path."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            identity.assume()
            for path in paths:
                path.stat()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def start(
    command: Sequence[str | Path],
    *,
    death_signal: int = signal.SIGKILL,
    identity: Identity | None = None,
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own (Ctrl-C reaches only us) that dies when we do.

    Call it from the main thread: the kernel counts the death of the *thread* that started the child.
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            env=environment,
            process_group=0,
            preexec_fn=preparation(death_signal, identity),
            **options,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise LaunchProblem(f"{command[0]} cannot be started: {error}") from error


def preparation(death_signal: int, identity: Identity | None) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if identity:
            identity.assume()
        die_with_parent(death_signal, parent)

    return prepare


def end(child: subprocess.Popen[bytes], number: int = signal.SIGTERM, patience: float = 4.0) -> int:
    """Ask a child to end; kill its whole group when it does not within `patience` seconds."""
    if child.poll() is None:
        child.send_signal(number)
        try:
            return child.wait(patience)
        except subprocess.TimeoutExpired:
            kill_group(child)
    return child.wait()


def kill_group(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
