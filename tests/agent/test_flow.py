"""The agent as a process against a server that speaks the contract: nothing is lost, nothing comes twice."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.server import TOKEN, ContractServer

pytestmark = pytest.mark.flow
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def server() -> Iterator[ContractServer]:
    with ContractServer() as made:
        yield made


class Agents:
    """Starts agents on one state folder and ends those that still run."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.started: list[subprocess.Popen[str]] = []

    def start(self, command: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ITIM_AGENT_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", command, "--state", str(self.state), *arguments],
            cwd=REPOSITORY,
            env={**clean, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def finish(self, command: str, *arguments: str, **environment: str) -> tuple[int, str]:
        process = self.start(command, *arguments, **environment)
        _, errors = process.communicate(timeout=60)
        return process.returncode, errors

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def agents(tmp_path: Path) -> Iterator[Agents]:
    made = Agents(tmp_path / "state")
    yield made
    made.close()


def enroll(agents: Agents, server: ContractServer) -> None:
    code, errors = agents.finish("enroll", "--server", server.url, "--token", TOKEN)
    assert code == 0, errors


def test_enrolls_once_and_keeps_the_key_from_others(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    assert {"token", "hostname", "machine_id", "agent_version", "os"} == set(server.enrollments[0])
    assert (agents.state / "identity.json").stat().st_mode & 0o777 == 0o600
    assert agents.state.stat().st_mode & 0o777 == 0o700
    code, errors = agents.finish("enroll", "--server", server.url, "--token", TOKEN)
    assert code == 1
    assert "already enrolled" in errors


def test_a_bad_token_ends_with_a_clear_line(agents: Agents, server: ContractServer) -> None:
    code, errors = agents.finish("run", "--server", server.url, ITIM_AGENT_TOKEN="wrong")
    assert code == 3
    assert "refuses the enrollment token: this token is not valid" in errors
    assert not (agents.state / "identity.json").exists()


def test_asks_again_with_the_same_token_when_the_answer_is_lost(
    agents: Agents, server: ContractServer
) -> None:
    server.lost_answers = 1
    agents.start("run", "--server", server.url, "--token", TOKEN, "--interval", "0.1")
    server.wait_for(lambda: server.sweeps)
    first, second = server.enrollments
    assert first == second


def test_one_reading_holds_this_machine(agents: Agents, server: ContractServer) -> None:
    server.config["processes"] = ["python3", "no-such-program"]
    token_file = agents.state.parent / "token"
    token_file.write_text(f"{TOKEN}\n")
    code, errors = agents.finish("run", "--once", "--server", server.url, "--token-file", str(token_file))
    assert code == 0, errors
    (sweep,) = server.sweeps
    metrics = {column["metric"] for column in sweep["columns"]}
    assert {"cpu.usage", "memory.usage", "disk.usage", "if.in.octets", "uptime", "agent.memory"} <= metrics
    assert sweep["uptime"] > 0
    assert not [name for name in sweep["notes"] if name.startswith("error.")]
    inventories = [report["inventory"] for report in server.reports if report["inventory"]]
    assert [inventory["os"]["arch"] for inventory in inventories] == [os.uname().machine]
    assert agents.finish("run", "--once")[0] == 0
    columns = {column["metric"]: column for column in server.sweeps[1]["columns"]}
    assert columns["process.count"]["instances"] == ["", "python3", "no-such-program"]
    assert len([report for report in server.reports if report["inventory"]]) == 1, "it did not change"


def test_the_server_may_ask_for_the_inventory(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    agents.start("run", "--interval", "0.1")
    server.wait_for(lambda: any(report["inventory"] for report in server.reports))
    server.config = {**server.config, "send_inventory": True}
    server.wait_for(lambda: sum(report["inventory"] is not None for report in server.reports) >= 2)


def test_waits_for_a_server_that_is_not_there_yet(agents: Agents) -> None:
    with ContractServer() as server:
        port = server.port
    process = agents.start(
        "run", "--server", f"http://127.0.0.1:{port}", "--token", TOKEN, "--interval", "0.1"
    )
    assert process.stderr
    assert "not enrolled yet, trying on" in process.stderr.readline()
    with ContractServer(port) as server:
        server.wait_for(lambda: server.sweeps)


def test_keeps_readings_while_the_server_is_away_and_delivers_them_in_order(
    agents: Agents, server: ContractServer
) -> None:
    enroll(agents, server)
    refused = itertools.count()
    server.answer = lambda report: (503, b"<html>down</html>") if next(refused) < 3 else None
    agents.start("run", "--interval", "0.05")
    server.wait_for(lambda: len(server.sweeps) > 20)
    first = next(report for report in server.reports if report["sweeps"])
    assert len(first["sweeps"]) > 1, "what was kept goes out together"
    times = [sweep["at"] for sweep in server.sweeps]
    assert times == sorted(times)
    assert server.duplicates == 0


def test_a_killed_agent_loses_nothing_it_kept(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    server.answer = lambda report: (503, b"{}")
    for _ in range(3):
        process = agents.start("run", "--interval", "0.05")
        assert process.stderr
        while "kept here" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = sum(path.read_bytes().count(b"\n") for path in (agents.state / "spool").glob("*.spool"))
    assert kept >= 3
    server.answer = lambda report: None
    code, errors = agents.finish("run", "--once")
    assert code == 0, errors
    times = [sweep["at"] for sweep in server.sweeps]
    assert len(times) == kept + 1
    assert times == sorted(times)


def test_killed_while_it_delivers_nothing_is_lost(agents: Agents, server: ContractServer) -> None:
    """The server took the sweeps, but the agent died before it knew: they come again and are known."""
    enroll(agents, server)
    process = agents.start("run", "--interval", "0.05")

    def take_and_kill(report: dict) -> None:
        if report["sweeps"]:
            process.kill()
            process.wait()

    server.answer = take_and_kill
    server.wait_for(lambda: server.sweeps)
    taken = [sweep["at"] for sweep in server.sweeps]
    server.answer = lambda report: None
    assert agents.finish("run", "--once")[0] == 0
    times = [sweep["at"] for sweep in server.sweeps]
    assert server.duplicates == len(taken)
    assert times == sorted(times)
    assert len(times) > len(taken)


def test_a_revoked_key_ends_the_agent(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    server.answer = lambda report: (401, b'{"detail": "revoked by alice"}')
    code, errors = agents.finish("run", "--interval", "0.1")
    assert code == 3
    assert "no longer accepts this agent's key: revoked by alice" in errors


@pytest.mark.parametrize("status", [400, 413])
def test_a_sweep_that_the_server_refuses_does_not_cost_its_neighbors(
    agents: Agents, server: ContractServer, status: int
) -> None:
    enroll(agents, server)
    refused: set[float] = set()

    def refuse_the_third(report: dict) -> tuple[int, bytes] | None:
        times = [sweep["at"] for sweep in report["sweeps"]]
        if not refused and len(times) < 3:
            return 503, b"{}"
        refused.update(times[2:3] if not refused else ())
        return (status, b'{"detail": "no"}') if refused & set(times) else None

    server.answer = refuse_the_third
    agents.start("run", "--interval", "0.05")
    server.wait_for(lambda: server.sweeps and server.sweeps[-1]["at"] > max(refused) + 1)
    assert not refused & {sweep["at"] for sweep in server.sweeps}
    lost = [column for column in server.sweeps[-1]["columns"] if column["metric"] == "agent.lost"]
    assert lost[0]["values"] == [1]
    times = [sweep["at"] for sweep in server.sweeps]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>log in to the hotel's network</html>",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 5000,
        b"x" * 300_000,
    ],
    ids=["empty", "portal", "list", "no-count", "bytes", "deep", "long"],
)
def test_an_answer_that_is_no_server_of_ours_keeps_the_readings(
    agents: Agents, server: ContractServer, garbage: bytes
) -> None:
    enroll(agents, server)
    server.answer = lambda report: (200, garbage)
    code, errors = agents.finish("run", "--once")
    assert code == 1
    assert "readings are kept here" in errors
    server.answer = lambda report: None
    assert agents.finish("run", "--once")[0] == 0
    assert len(server.sweeps) == 2


def test_what_the_server_wants_is_done_and_remembered(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    server.config = {"interval": 5, "processes": ["init"], "send_inventory": False}
    assert agents.finish("run", "--once")[0] == 0
    server.config = {"interval": "soon", "processes": 7}
    code, _ = agents.finish("run", "--once")
    assert code == 0
    assert '"interval": 5, "processes": ["init"]' in (agents.state / "config.json").read_text()


def test_two_agents_never_share_a_folder(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    agents.start("run", "--interval", "0.1")
    server.wait_for(lambda: server.sweeps)
    code, errors = agents.finish("run")
    assert code == 1
    assert "another agent already works" in errors


def test_ends_at_a_signal_with_exit_code_zero(agents: Agents, server: ContractServer) -> None:
    enroll(agents, server)
    process = agents.start("run")
    server.wait_for(lambda: server.sweeps)
    process.terminate()
    assert process.wait(timeout=10) == 0


@pytest.mark.parametrize("address", ["", "ftp://x", "nonsense", "http://", "http://u:p@h", "http://h:99999"])
def test_an_address_that_is_none_is_named(agents: Agents, address: str) -> None:
    code, errors = agents.finish("enroll", "--server", address, "--token", TOKEN)
    assert code in (1, 2)
    assert "address" in errors
    assert "Traceback" not in errors
