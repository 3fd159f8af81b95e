"""The parts of ITIM as commands. docker-compose.yml and deploy/systemd run the very same ones."""

import os
import signal
import subprocess
import sys

from itim.environment import BASE_DIR, value
from itim.launcher.process import LaunchProblem, start
from itim.launcher.supervisor import Service

QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def number(name: str, default: int) -> int:
    """A whole number of at least 1 from the environment."""
    text = value(name, str(default)).strip()
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise LaunchProblem(f"{name}={text} is not a whole number of at least 1")
    return int(text)


def web(host: str, port: int) -> list[str]:
    return [
        "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws",
        "--workers", str(number("ITIM_WEB_WORKERS", 1)),
        "--blocking-threads", str(number("ITIM_WEB_THREADS", 4)),
        "--respawn-failed-workers", "--workers-kill-timeout", "2", "--log-level", "warning",
        "itim.wsgi:application",
    ]  # fmt: skip


def worker(queues: str, name: str = "worker") -> list[str]:
    return [
        "celery", "-A", "itim", "--quiet", "worker", "--pool", "threads", "--queues", queues,
        "--loglevel", "WARNING", "--concurrency", str(number("ITIM_WORKER_THREADS", 8)),
        "--hostname", f"{name}@%h", *QUIET,
    ]  # fmt: skip


def polling(name: str = "default") -> str:
    """The queues of a poller: its checks, and its devices to be discovered."""
    return f"poll.{name},discover.{name}"


def beat(schedule: str) -> list[str]:
    return [
        "celery", "-A", "itim.beat", "--quiet", "beat", "--schedule", schedule, "--pidfile=",
        "--loglevel", "WARNING",
    ]  # fmt: skip


def service(name: str, module: list[str], stop_signal: int = signal.SIGTERM) -> Service:
    """A part as a child that runs a module of our Python and dies with us, its own children included."""
    command = [sys.executable, "-m", *module]
    environment = {
        **os.environ,
        "ITIM_SUPERVISED": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",  # that root runs it
    }

    def begin(*, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
        return start(command, environment=environment, cwd=BASE_DIR, stdout=stdout, stderr=stderr)

    return Service(name, begin, stop_signal)
