"""The wheel and the installer: built from this code, installed for real into a virtual environment."""

import http.server
import os
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import psutil
import pytest

from agent import VERSION, wheel
from agent.install import install_script
from tests.agent.server import TOKEN, ContractServer

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_the_products() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert "@" not in wheel.name()


def test_the_same_code_gives_the_same_wheel() -> None:
    assert wheel.build.__wrapped__() == wheel.build.__wrapped__()


def test_the_record_tells_the_truth() -> None:
    archive = zipfile.ZipFile(BytesIO(wheel.build()))
    rows = archive.read(f"itim_agent-{VERSION}.dist-info/RECORD").decode().splitlines()
    listed = {path: digest for path, digest, _ in (row.split(",") for row in rows)}
    assert set(listed) == set(archive.namelist())
    for path, digest in listed.items():
        if digest:
            assert digest == f"sha256={wheel.digest(archive.read(path))}"


def test_nothing_of_the_server_is_inside() -> None:
    names = zipfile.ZipFile(BytesIO(wheel.build())).namelist()
    assert {name.split("/")[0] for name in names} == {"agent", "probes", f"itim_agent-{VERSION}.dist-info"}
    assert "agent/install.py" not in names


@pytest.mark.parametrize(
    "address",
    ["", "itim", "http://x y", "http://x'; rm -rf /", "http://x$(id)", "http://x\nid", "file:///etc"],
)
def test_no_script_for_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        install_script(address)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "install.sh"
    path.write_text(install_script("https://itim.example.org:8443/itim"))
    return path


def sh(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ITIM_AGENT_")}
    command = ["sh", str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**clean, **environment})


def test_the_script_is_a_shells_and_complete(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script]).returncode == 0
    text = script.read_text()
    assert "server=https://itim.example.org:8443/itim\n" in text
    assert not [name for name in ("@SERVER@", "@WHEEL@", "@UNIT@", "@VERSION@") if name in text]


def test_a_dry_run_touches_nothing(script: Path, tmp_path: Path) -> None:
    prefix, state = tmp_path / "program", tmp_path / "state"
    done = sh(script, "--dry-run", "--token", "t", "--prefix", str(prefix), "--state", str(state))
    assert done.returncode == 0, done.stderr
    assert "would install itim_agent" in done.stdout
    assert "would enroll at https://itim.example.org:8443/itim" in done.stdout
    assert not prefix.exists()
    assert not state.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--tokn", "x"], "unknown option --tokn"),
        (["--token"], "--token needs a value"),
        (["--prefix", "relative"], "must be an absolute path"),
        (["--prefix", "/"], "must be an absolute path"),
        (["--prefix", "/opt/a b"], "a path may hold"),
        (["--prefix", "/opt/../etc"], "no folder for the agent"),
        (["--ca", "/nowhere.pem"], "cannot be read"),
        (["--python", "/bin/false"], "is no Python"),
        (["--dry-run"], "an enrollment token is needed"),
    ],
)
def test_bad_options_are_named(script: Path, tmp_path: Path, arguments: list[str], says: str) -> None:
    folders = ["--prefix", str(tmp_path / "p"), "--state", str(tmp_path / "s")]
    done = sh(script, *folders, *arguments)
    assert done.returncode == 1
    assert says in done.stderr


def test_a_folder_of_others_is_left_alone(script: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    folders = ["--prefix", str(tmp_path / "mine"), "--state", str(tmp_path / "mine")]
    assert "holds something else" in sh(script, *folders, "--token", "t").stderr
    sh(script, *folders, "--uninstall", "--purge")
    assert (tmp_path / "mine" / "letter").exists()


@pytest.fixture
def downloads(tmp_path: Path) -> Iterator[str]:
    """Serves the wheel as the product does, under /agent/itim_agent.whl."""
    folder = tmp_path / "served"
    (folder / "agent").mkdir(parents=True)
    (folder / "agent" / "itim_agent.whl").write_bytes(wheel.build())

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.flow
def test_installs_reports_updates_and_goes(downloads: str, tmp_path: Path) -> None:
    """psutil comes from this environment by PYTHONPATH: tests use no package index."""
    (tmp_path / "psutil-only").mkdir()
    (tmp_path / "psutil-only" / "psutil").symlink_to(Path(psutil.__file__).parent)
    (tmp_path / "install.sh").write_text(install_script(downloads))
    program, state = tmp_path / "program", tmp_path / "state"
    options = ["--prefix", str(program), "--state", str(state), "--python", sys.executable, "--no-service"]
    environment = {"PYTHONPATH": str(tmp_path / "psutil-only"), "PIP_NO_INDEX": "1"}
    refused = sh(
        tmp_path / "install.sh", *options, "--token", "t", "--server", "http://127.0.0.1:9", **environment
    )
    assert refused.returncode == 1
    assert "cannot be fetched" in refused.stderr
    with ContractServer() as server:
        fetched = (tmp_path / "install.sh").read_text()
        split = fetched.replace('enroll --server "$server"', f'enroll --server "{server.url}"')
        (tmp_path / "install.sh").write_text(split)  # downloads and reports come from two test servers
        done = sh(tmp_path / "install.sh", *options, "--token", TOKEN, **environment)
        assert done.returncode == 0, done.stderr
        agent = [str(program / "bin" / "itim-agent")]
        version = subprocess.run(
            [*agent, "version"], capture_output=True, text=True, env={**os.environ, **environment}
        )
        assert version.stdout == f"{VERSION}\n"
        subprocess.run(
            [*agent, "run", "--once", "--state", str(state)], check=True, env={**os.environ, **environment}
        )
        assert server.sweeps
        again = sh(tmp_path / "install.sh", *options, **environment)
        assert again.returncode == 0, again.stderr
        assert "already enrolled" in again.stdout
    sh(tmp_path / "install.sh", *options, "--uninstall", **environment)
    assert not program.exists()
    assert (state / "identity.json").exists()
    (tmp_path / "program").mkdir()
    sh(tmp_path / "install.sh", *options, "--uninstall", "--purge", **environment)
    assert not state.exists()


def test_a_wheel_that_was_changed_on_the_way_is_not_installed(downloads: str, tmp_path: Path) -> None:
    (tmp_path / "install.sh").write_text(install_script(downloads))
    served = tmp_path / "served" / "agent" / "itim_agent.whl"
    served.write_bytes(served.read_bytes()[:-10])
    options = ["--prefix", str(tmp_path / "p"), "--state", str(tmp_path / "s"), "--python", sys.executable]
    done = sh(tmp_path / "install.sh", *options, "--token", "t", "--no-service")
    assert done.returncode == 1
    assert "is not what this script expects" in done.stderr
