"""What `manage.py up` cannot work with: one clear line, exit code not 0, no traceback."""

import socket
from pathlib import Path

import pytest

from tests.flows.up import fails, free_port

pytestmark = pytest.mark.flow

DATABASE = "postgresql://itim:hush@127.0.0.1:1/itim"
REDIS = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ITIM_BIND": "8000"}, ["ITIM_BIND=8000", "HOST:PORT"]),
        ({"ITIM_BIND": "127.0.0.1:99999"}, ["ITIM_BIND=127.0.0.1:99999", "HOST:PORT"]),
        ({"ITIM_BIND": "192.0.2.1:8000"}, ["ITIM_BIND=192.0.2.1:8000", "no address of this machine"]),
        ({"DATABASE_URL": "mysql://x@y/z"}, ["DATABASE_URL", "postgresql://"]),
        ({"DATABASE_URL": "postgresql://x@y:port/z"}, ["DATABASE_URL"]),
        ({"DATABASE_URL": "postgresql://x@127.0.0.1:1"}, ["DATABASE_URL", "names no database"]),
        ({"DATABASE_URL": DATABASE}, ["DATABASE_URL", "127.0.0.1", "refused"]),
        ({"DATABASE_URL": DATABASE, "REDIS_URL": REDIS}, ["REDIS_URL", "refused"]),
        ({"DATABASE_URL": DATABASE, "REDIS_URL": "http://127.0.0.1"}, ["REDIS_URL"]),
        ({"DATABASE_URL_FILE": "/nowhere/url"}, ["DATABASE_URL_FILE=/nowhere/url", "cannot be read"]),
        ({"ITIM_AGENT": "perhaps"}, ["ITIM_AGENT=perhaps"]),
        ({"ITIM_WEB_WORKERS": "none"}, ["ITIM_WEB_WORKERS=none"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_setting_is_refused(tmp_path: Path, more: dict[str, str], words: list[str]) -> None:
    code, text = fails(tmp_path / "home", **more)
    assert code != 0
    assert len(text.splitlines()) == 1, text
    assert text.startswith("itim: ")
    for word in words:
        assert word in text
    assert "hush" not in text
    assert "Traceback" not in text


def test_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        port = free_port()
        taken.bind(("127.0.0.1", port))
        taken.listen()
        code, text = fails(tmp_path / "home", ITIM_BIND=f"127.0.0.1:{port}")
    assert code == 1
    assert text.splitlines() == [
        f"itim: ITIM_BIND=127.0.0.1:{port} is taken by another program: "
        "stop it, or set ITIM_BIND to a free HOST:PORT"
    ]


@pytest.mark.parametrize("place", ["file", "under a file", "kernel"])
def test_folder_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    home = {
        "file": tmp_path / "file",
        "under a file": tmp_path / "file" / "home",
        "kernel": Path("/proc/itim"),
    }[place]
    code, text = fails(home)
    assert code == 1
    assert len(text.splitlines()) == 1
    assert f"ITIM_HOME={home} cannot be" in text
