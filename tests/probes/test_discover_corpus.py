"""`manage.py snmp_found` over recordings of real devices, judged by the public score tool."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus" / "snmp"
FLOOR = 90.0  # percent, the figure reached, rounded down
WRONG = 0.01  # share of sensors whose value differs from what is expected at the same OID


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def simulator() -> Iterator[int]:
    """The port of the simulator that plays the recordings; ends with the test."""
    port = free_port()
    command = [sys.executable, str(SHARED / "tools/replay.py"), str(CORPUS / "snmprec"), "--port", str(port)]
    with subprocess.Popen(command) as process:
        try:
            await_bound(port)
            yield port
        finally:
            process.terminate()


def await_bound(port: int) -> None:
    """Ask for a system group until an answer comes: the simulator has opened its socket."""
    get = bytes.fromhex(
        "302602010104 05 6c696e7578 a01a 02 01 01 02 01 00 02 01 00 300f 300d 0609 2b0601020101020005 00"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.1)
        for _ in range(100):
            probe.sendto(get, ("127.0.0.1", port))
            try:
                probe.recv(1)
            except ConnectionRefusedError:
                continue
            except TimeoutError:
                return  # bound, but no such recording
            return
    pytest.fail("the simulator did not start")


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"{CORPUS} is absent")
def test_coverage(simulator: int, tmp_path: Path) -> None:
    call_command("snmp_found", CORPUS / "snmprec", tmp_path, port=simulator)
    score = [sys.executable, str(SHARED / "tools/score.py"), str(CORPUS / "expected"), str(tmp_path)]
    table = subprocess.run(score, capture_output=True, text=True, check=True).stdout
    coverage = re.search(r"^COVERAGE\s+\d+\s+([\d.]+)%", table, re.MULTILINE)
    wrong = re.search(r"^x\.sensors\.wrong.*?(\d+)/(\d+)$", table, re.MULTILINE)
    assert coverage and float(coverage.group(1)) >= FLOOR, table
    assert wrong and int(wrong.group(1)) / int(wrong.group(2)) <= WRONG, table


def test_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no folder"):
        call_command("snmp_found", tmp_path / "absent", tmp_path / "out", port=1161)
    with pytest.raises(CommandError, match="holds no"):
        call_command("snmp_found", tmp_path, tmp_path / "out", port=1161)
    (tmp_path / "box.snmprec").write_text("")
    with pytest.raises(CommandError, match="--port"):
        call_command("snmp_found", tmp_path, tmp_path / "out", port=0)
    with pytest.raises(CommandError, match="no recording was answered for"):
        call_command("snmp_found", tmp_path, tmp_path / "out", port=free_port())
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("snmp_found", tmp_path, tmp_path / "file", port=1161)
