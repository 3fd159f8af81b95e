"""docker-compose.yml and the systemd units: their very commands as processes, on servers from outside."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.flows.up import ROOT, free_port, until

pytestmark = pytest.mark.flow
PARTS = ("web", "worker", "poller", "beat")


def of_compose() -> dict[str, list[list[str]]]:
    """By part the commands, in order, that its container runs."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    found = {part: [services[part]["command"]] for part in PARTS}
    found["web"].insert(0, services["prepare"]["command"])
    return found


def of_units() -> dict[str, list[list[str]]]:
    """By part the commands of its unit: ExecStartPre, then ExecStart."""
    found: dict[str, list[list[str]]] = {}
    for file in sorted((ROOT / "deploy" / "systemd").glob("*.service")):
        part = file.stem.removeprefix("itim-").rstrip("@")
        lines = [
            line.partition("=")[2] for line in file.read_text().splitlines() if line.startswith("ExecStart")
        ]
        found[part] = [shlex.split(line.replace("%i", "default")) for line in lines]
    return found


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command[1:]], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("read", [of_compose, of_units])
def test_parts_work_as_separate_processes(read: Any, tmp_path: Path) -> None:
    port, parts = free_port(), read()
    assert sorted(parts) == sorted(PARTS)
    more = {"ITIM_HOME": str(tmp_path / "home"), "ITIM_BIND": f"127.0.0.1:{port}"}
    environment = {**os.environ, **more}
    with ExitStack() as stack:
        for part in PARTS:
            *first, last = parts[part]
            for command in first:
                subprocess.run(
                    [sys.executable, *command[1:]], cwd=ROOT, env=environment, check=True, timeout=120
                )
            stack.enter_context(running(last, environment, tmp_path / f"{part}.log"))
        answer = until(
            lambda: ready(port), "\n".join(file.read_text() for file in tmp_path.glob("*.log")) or "ready"
        )
    assert all(part["ok"] for part in answer.json().values())


def ready(port: int) -> httpx.Response | None:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
    except httpx.TransportError:
        return None
    return answer if answer.status_code == 200 else None


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file() -> None:
    command = ["docker-compose", "-f", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["poller", "a b"], ["poller", "../x"], ["web", "more"]]
)
def test_what_is_no_part_is_refused(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "itim.launcher", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "itim: usage: python -m itim.launcher web | worker | poller [NAME] | beat"
    ]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """Copies that name this interpreter: systemd-analyze looks whether the commands exist."""
    units = [*(ROOT / "deploy").glob("*/*.service"), *(ROOT / "deploy").glob("*/*.target")]
    for unit in units:
        text = unit.read_text().replace("@STATE@", "/var/lib/itim-agent")  # what install.sh puts there
        text = re.sub(r"^(ExecStart\w*=)\S+", rf"\1{sys.executable}", text, flags=re.M)
        (tmp_path / unit.name).write_text(text)
    command = ["systemd-analyze", "verify", "--recursive-errors=yes", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if "itim" in line]
    assert (done.returncode, said) == (0, []), done.stderr
