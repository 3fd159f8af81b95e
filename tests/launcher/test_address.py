"""ITIM_BIND and the servers' addresses."""

import tempfile
from pathlib import Path

import pytest

from itim import environment
from itim.launcher import address
from itim.launcher.process import LaunchProblem


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 8000),
        ("[::1]:80", "::1", 80),
        ("itim.example.com:443", "itim.example.com", 443),
    ],
)
def test_address_is_read(text: str, host: str, port: int) -> None:
    assert address.parse(text) == (host, port)


@pytest.mark.parametrize(
    "text", ["", ":", "8000", ":8000", "host:", "host:0", "host:65536", "host:٣", "host:-1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(LaunchProblem, match="HOST:PORT"):
        address.parse(text)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]"), ("10.0.0.1", "10.0.0.1")],
)
def test_address_for_a_browser(host: str, shown: str) -> None:
    assert address.reachable(host) == shown


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("unix:///a/b.sock?db=3", "redis+socket:///a/b.sock?virtual_host=3"),
        ("unix:///a/b.sock", "redis+socket:///a/b.sock?virtual_host=0"),
    ],
)
def test_broker_is_the_same_server(url: str, broker: str) -> None:
    assert environment.broker_url(url) == broker


@pytest.mark.parametrize("name", ["plain", "x" * 90, "with space, and comma"])
def test_sockets_fit_into_a_path(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    short = Path(tempfile.mkdtemp(prefix="i"))  # pytest's own folders are long already
    monkeypatch.setenv("ITIM_HOME", str(short / name))
    folder = environment.socket_folder()
    assert len(str(folder / "pg" / ".s.PGSQL.5432.lock")) < 107
    assert " " not in str(folder)
    assert (folder == short / name / "run") == (name == "plain")
