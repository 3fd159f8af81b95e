"""The agent's small parts: waiting, saying, remembering, deciding when."""

import io
from pathlib import Path
from typing import Any

import pytest

from agent.backoff import Backoff
from agent.census import DAY, SETTLE, Census
from agent.client import checked_address
from agent.collectors.part import scalar
from agent.enrollment import machine_id
from agent.journal import Journal, printable
from agent.problem import Problem
from agent.report_text import lines
from agent.runner import next_time
from agent.sender import Mailbox
from agent.state import Config, Identity, State, merged
from probes.readings import Readings


def test_back_off_doubles_up_to_a_minute_and_spreads() -> None:
    least, most = Backoff(chance=lambda: 1.0), Backoff(chance=lambda: 0.0)
    assert [most.next() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [least.next() for _ in range(3)] == [0.5, 1, 2]
    for _ in range(5000):
        assert most.next() == 60
    most.reset()
    assert most.next() == 1


@pytest.mark.parametrize(
    ("planned", "now", "following"),
    [(100.0, 100.2, 160.0), (100.0, 159.9, 160.0), (100.0, 5000.0, 5060.0)],
)
def test_readings_keep_step_and_do_not_catch_up(planned: float, now: float, following: float) -> None:
    assert next_time(planned, now, 60.0) == following


def test_a_trouble_is_said_once_an_hour_and_when_it_is_over() -> None:
    now, stream = [0.0], io.StringIO()
    journal = Journal(stream, clock=lambda: now[0])
    for _ in range(3):
        journal.trouble("server", "away")
    journal.trouble("server", "refuses")
    now[0] = 4000.0
    journal.trouble("server", "refuses")
    journal.over("server", "back")
    journal.over("server", "back")
    said = stream.getvalue().splitlines()
    assert said == [f"itim-agent: {text}" for text in ("away", "refuses", "refuses", "back")]


def test_text_of_a_server_cannot_forge_lines_or_colors() -> None:
    assert printable("a\nitim-agent: all is well\x1b[31m") == "a itim-agent: all is well [31m"
    assert len(printable("x" * 9999)) == 500


@pytest.mark.parametrize(
    ("told", "config"),
    [
        ({"interval": 30}, Config(30)),
        ({"interval": 4}, Config()),
        ({"interval": True}, Config()),
        ({"interval": 10**9}, Config()),
        ({"processes": ["a", " a ", "", "b"]}, Config(60, ("a", "b"))),
        ({"processes": [1]}, Config()),
        ({"processes": ["x" * 999] * 5}, Config(60, ("x" * 100,))),
        ([], Config()),
        (None, Config()),
    ],
)
def test_what_the_server_tells_is_taken_where_it_makes_sense(told: Any, config: Config) -> None:
    assert merged(Config(), told) == config


def test_the_identity_shows_no_key_and_survives(tmp_path: Path) -> None:
    identity = Identity("http://x", "1", "secret-key")
    State(tmp_path / "s").save_identity(identity)
    assert State(tmp_path / "s").identity() == identity
    assert "secret-key" not in repr(identity)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"server": "x"}', "null x"])
def test_a_damaged_identity_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "identity.json").write_text(text)
    with pytest.raises(Problem, match=r"identity\.json is damaged: remove it and enroll again"):
        State(tmp_path).identity()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="cannot be made: Not a directory"):
        State(tmp_path / "file" / "state")


def test_a_machine_without_a_name_gets_one_and_keeps_it(tmp_path: Path) -> None:
    made = machine_id(tmp_path, root=tmp_path / "bare")
    assert len(made) == 32
    assert machine_id(tmp_path, root=tmp_path / "bare") == made
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "machine-id").write_text("abc\n")
    assert machine_id(tmp_path, root=tmp_path) == "abc"


@pytest.mark.parametrize("address", ["https://itim.example.org", "http://[::1]:8000", " http://x:80/itim/ "])
def test_addresses(address: str) -> None:
    assert checked_address(address) == address.strip().rstrip("/")


class Machine:
    """An inventory that tests change."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {"packages": 1}
        self.signature = 1
        self.taken = 0

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        self.taken += 1
        return self.content, {}


def test_the_inventory_goes_out_at_change_and_on_request_alone(tmp_path: Path) -> None:
    machine, mailbox = Machine(), Mailbox()
    census = Census(State(tmp_path), mailbox, Journal(io.StringIO()), machine.read, lambda: machine.signature)

    def sent(now: float) -> bool:
        census.look(now)
        waiting, mailbox.inventory = mailbox.inventory, None
        if waiting:
            census.delivered(waiting[0])
        return waiting is not None

    assert sent(0.0), "the first one"
    assert not sent(60.0)
    machine.signature = 2
    assert not sent(120.0), "an upgrade may still run"
    assert not sent(SETTLE + 1)
    assert machine.taken == 2, "looked at, nothing had changed"
    machine.signature, machine.content = 3, {"packages": 2}
    assert sent(SETTLE * 3)
    machine.content = {"packages": 3}
    assert not sent(SETTLE * 5), "nothing tells of it"
    assert sent(DAY * 2), "but the daily look does"
    mailbox.inventory_wanted = True
    assert sent(DAY * 2 + 1), "the server asked"
    again = Census(State(tmp_path), mailbox, Journal(io.StringIO()), machine.read, lambda: 9)
    assert again.look(0.0)
    assert mailbox.inventory is None, "a restart does not send what the server has"


def test_a_reading_for_people() -> None:
    columns = [scalar("memory.total", 3 * 2**30), scalar("cpu.usage", 12.5), scalar("cpu.load1", None)]
    text = list(lines(Readings(columns=columns, notes={"reboot": "a kernel"}, duration=0.01)))
    assert text[0].endswith("3.0 GiB")
    assert text[1].endswith("12.50 %")
    assert text[2].endswith("no value")
    assert text[3:] == ["reboot: a kernel", "read in 10.0 ms"]
