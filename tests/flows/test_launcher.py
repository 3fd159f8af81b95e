"""`manage.py up` from first start to kill -9, with real servers, workers and signals."""

import os
import pwd
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from itim.launcher.process import Identity, reaches
from tests.flows.up import ROOT, Up, alive, fails, run, until

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def first_start() -> Iterator[tuple[Path, str]]:
    """A home that was started once, and what that first start said."""
    with tempfile.TemporaryDirectory(prefix="itim-up-") as folder:
        home = Path(folder) / "home"
        with Up(home) as up:
            up.await_ready()
            up.stop()
        yield home, up.text


@pytest.fixture
def home(first_start: tuple[Path, str]) -> Path:
    return first_start[0]


def test_first_start_tells_the_password_once(first_start: tuple[Path, str]) -> None:
    home, text = first_start
    (line,) = [line for line in text.splitlines() if "log in as `admin`" in line]
    password = line.split("password ")[1].split()[0]
    assert len(password) >= 12
    kept = subprocess.run(["grep", "-rlF", password, str(home / "logs")], capture_output=True, text=True)
    assert kept.stdout == "", "no log may hold the password"


def test_home_is_closed_to_others(home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for secret in ("secret_key", "encryption_key"):
        assert stat.S_IMODE((home / secret).stat().st_mode) == 0o600


def test_ctrl_c_ends_everything(home: Path) -> None:
    with Up(home) as up:
        up.await_all()
        assert "log in as" not in up.text
        assert up.get("/healthz") == (200, '{"alive": true}')
        family = up.children()
        seconds = up.stop()
        assert up.process.returncode == 0, up.text
        assert not alive(family)
        assert "Traceback" not in up.text
        assert seconds < 15  # 1 to 3 on a quiet machine


def test_sigterm_ends_everything(home: Path) -> None:
    with Up(home) as up:
        up.await_ready()
        family = up.children()
        up.stop(signal.SIGTERM)
        assert up.process.returncode == 0, up.text
        assert not alive(family)


def test_second_up_says_so_in_one_line(home: Path) -> None:
    with Up(home) as up:
        up.await_ready()
        code, text = fails(home)
        assert code == 1
        assert text.splitlines() == [
            f"itim: ITIM already runs in {home} (process {up.process.pid}, http://127.0.0.1:{up.port})"
        ]


def test_kill_9_leaves_no_process_and_loses_no_row(home: Path) -> None:
    with Up(home) as up:
        up.await_all()
        made = run(
            ["shell", "-c", "from core.models import User; User.objects.create(username='kept')"], home
        )
        assert made.returncode == 0, made.stderr
        family = up.kill()
        assert len(family) > 8
        until(lambda: not alive(family), "no process left")
    with Up(home) as again:
        again.await_ready()
        found = run(
            ["shell", "-c", "from core.models import User; User.objects.get(username='kept').delete()"], home
        )
        assert found.returncode == 0, found.stderr


def test_killed_parts_come_again(home: Path) -> None:
    with Up(home) as up:
        up.await_all()
        for words in (("celery", "worker"), ("celery", "beat"), ("granian",)):
            old = up.child(*words)
            old.kill()
            until(lambda old=old: not old.is_running(), "killed")
        until(lambda: len(up.lines) and up.text.count("starts again") >= 3, "three restarts announced")
        up.await_all()
        assert up.child("celery", "worker").is_running()


def test_killed_servers_come_again(home: Path) -> None:
    with Up(home) as up:
        up.await_all()
        children = psutil.Process(up.process.pid).children()
        for name in ("postgres", "valkey-server"):
            next(child for child in children if child.name() == name).kill()
        until(lambda: up.text.count("starts again") >= 2, "two restarts announced")
        until(lambda: up.status("/readyz") == 200, "everything well again")


def test_pid_file_that_names_a_stranger(home: Path) -> None:
    """As after a reboot: the number now belongs to a process that has nothing to do with us."""
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        (home / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{home}/postgres\n")
        with Up(home) as up:
            up.await_ready()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
def test_ordinary_user() -> None:
    nobody = pwd.getpwnam("nobody")
    if not reaches(
        Identity(nobody.pw_uid, nobody.pw_gid), [ROOT / "manage.py", ROOT / ".venv" / "bin" / "python"]
    ):
        pytest.skip("this tree is closed to ordinary users")
    with tempfile.TemporaryDirectory(prefix="itim-up-") as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        with Up(Path(folder) / "home", user=nobody.pw_uid, HOME=folder) as up:
            up.await_all()
            assert {child.uids().real for child in up.children()} == {nobody.pw_uid}
            up.stop()
            assert up.process.returncode == 0, up.text
