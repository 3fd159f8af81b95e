"""`manage.py up` as a person runs it: a real process on a home of its own, its lines, its children."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120.0  # seconds; generous, because a loaded machine is no failure


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def until(done: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What `done()` gives as soon as it is true; an assertion names what did not come."""
    deadline = time.monotonic() + patience
    while not (result := done()):
        assert time.monotonic() < deadline, f"after {patience:.0f} s still not: {what}"
        time.sleep(0.05)
    return result


def environment(home: Path, **more: str) -> dict[str, str]:
    """Ours without what the tests' servers put there."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith(("ITIM_", "PYTEST_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        ours.pop(name, None)
    return {**ours, "ITIM_HOME": str(home), "ITIM_AGENT": "no", **more}


class Up:
    """One run. Use it as a context: it ends with the block, whatever happened."""

    def __init__(self, home: Path, port: int = 0, user: int | None = None, **more: str) -> None:
        self.home, self.port = home, port or free_port()
        more = {"ITIM_BIND": f"127.0.0.1:{self.port}", **more}
        identity: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=environment(home, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **identity,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.seen: set[psutil.Process] = set()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def __enter__(self) -> "Up":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def await_ready(self) -> "Up":
        until(lambda: "is ready at" in self.text or self.process.poll() is not None, "ready")
        assert "is ready at" in self.text, self.text
        return self

    def await_all(self) -> "Up":
        """Until /readyz says yes to every part."""
        self.await_ready()
        until(lambda: self.status("/readyz") == 200, f"/readyz 200\n{self.text}")
        return self

    def status(self, path: str) -> int:
        return self.get(path)[0]

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def children(self) -> set[psutil.Process]:
        """Every process under the launcher now, at any depth."""
        return set(psutil.Process(self.process.pid).children(recursive=True))

    def child(self, *words: str) -> psutil.Process:
        """The direct child whose command holds all the words."""
        found = [
            child
            for child in psutil.Process(self.process.pid).children()
            if all(word in child.cmdline() for word in words)
        ]
        assert found, f"no child with {words}\n{self.text}"
        return found[0]

    def stop(self, number: int = signal.SIGINT) -> float:
        """End it as Ctrl-C does; gives the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.reader.join(10)
        return time.monotonic() - began

    def kill(self) -> set[psutil.Process]:
        """kill -9; gives the processes that were under it."""
        family = self.children()
        self.process.kill()
        self.process.wait(PATIENCE)
        return family


def alive(processes: set[psutil.Process]) -> set[psutil.Process]:
    return {one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE}


def fails(home: Path, **more: str) -> tuple[int, str]:
    """`up` that should not start: its exit code and all it says."""
    more = {"ITIM_BIND": f"127.0.0.1:{free_port()}", **more}
    done = run(["up"], home, **more)
    return done.returncode, (done.stdout + done.stderr).strip()


def run(arguments: Sequence[str], home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command of manage.py on that home."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
