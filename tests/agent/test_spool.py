"""The spool: in order, nothing twice, nothing lost but what is counted."""

import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import record, spool
from agent.client import Client
from agent.journal import Journal
from agent.record import Torn
from agent.sender import Mailbox, Sender
from agent.spool import Spool

NOW = 1_700_000_000.0


def sweep(number: float, filling: int = 0) -> dict[str, Any]:
    return {"at": NOW + number, "columns": [], "filling": os.urandom(filling).hex()}


def open_spool(folder: Path, **options: Any) -> Spool:
    return Spool(folder, clock=lambda: NOW + 1000, **options)


def drain(queue: Spool, count: int = 7) -> list[float]:
    """The numbers of all sweeps that wait."""
    numbers = []
    while batch := queue.peek(count, 1 << 20):
        numbers += [json.loads(item.text)["at"] - NOW for item in batch.records]
        queue.done(batch)
    return numbers


def test_comes_out_as_it_went_in(tmp_path: Path) -> None:
    queue = open_spool(tmp_path)
    for number in range(20):
        queue.append(sweep(number))
    assert drain(queue) == list(range(20))
    assert queue.peek(1, 1) is None
    assert queue.waiting() == 0
    assert queue.dropped == 0


def test_what_was_not_confirmed_comes_again(tmp_path: Path) -> None:
    queue = open_spool(tmp_path)
    for number in range(5):
        queue.append(sweep(number))
    queue.done(queue.peek(2, 1 << 20))
    queue.peek(2, 1 << 20)
    assert drain(open_spool(tmp_path)) == [2, 3, 4]


@given(cut=st.integers(min_value=0, max_value=400))
@settings(max_examples=40, deadline=None)
def test_a_kill_in_the_middle_of_a_write_costs_that_record_alone(cut: int, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("spool")
    queue = open_spool(folder)
    for number in range(3):
        queue.append(sweep(number, 20))
    (path,) = folder.glob("*.spool")
    content = path.read_bytes()
    left = content[: max(0, len(content) - cut)]
    path.write_bytes(left)
    whole = left.count(b"\n")
    again = open_spool(folder)
    again.append(sweep(9))
    assert drain(again) == [*range(whole), 9]
    assert again.dropped == (0 if left.endswith(b"\n") or not left else 1)


@given(where=st.integers(min_value=0, max_value=10_000), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=60, deadline=None)
def test_a_bad_block_never_turns_into_readings(where: int, bit: int, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("spool")
    queue = open_spool(folder)
    for number in range(5):
        queue.append(sweep(number, 20))
    (path,) = folder.glob("*.spool")
    content = bytearray(path.read_bytes())
    content[where % len(content)] ^= 1 << bit
    path.write_bytes(content)
    again = open_spool(folder)
    numbers = drain(again)
    assert set(numbers) < set(range(5))
    assert numbers == sorted(numbers)
    assert len(numbers) >= 3
    assert again.dropped >= 1


@given(steps=st.lists(st.sampled_from(["append", "append", "take", "reopen", "peek"]), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_order_of_events_loses_and_repeats_nothing(steps: list[str], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("spool")
    queue, written, taken = open_spool(folder), 0, []
    original, spool.SEGMENT_SIZE = spool.SEGMENT_SIZE, 300
    try:
        for step in steps:
            if step == "append":
                queue.append(sweep(written))
                written += 1
            elif step == "reopen":
                queue = open_spool(folder)
            elif (batch := queue.peek(2, 1 << 20)) and step == "take":
                taken += [item.at - NOW for item in batch.records]
                queue.done(batch)
        assert taken + drain(queue) == list(range(written))
        assert queue.dropped == 0
    finally:
        spool.SEGMENT_SIZE = original


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SEGMENT_SIZE", 2000)
    queue = open_spool(tmp_path, largest=6000)
    for number in range(50):
        queue.append(sweep(number, 200))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.spool")) < 9000
    numbers = drain(queue)
    assert numbers == list(range(50 - len(numbers), 50))
    assert queue.dropped == 50 - len(numbers) > 0


def test_what_is_older_than_a_day_goes(tmp_path: Path) -> None:
    queue = Spool(tmp_path, clock=lambda: NOW + 24 * 3600 + 2.5)
    for number in range(5):
        queue.append(sweep(number))
    assert drain(queue) == [3, 4]
    assert queue.dropped == 3


def test_a_lost_position_sends_again_rather_than_never(tmp_path: Path) -> None:
    queue = open_spool(tmp_path)
    for number in range(4):
        queue.append(sweep(number))
    queue.done(queue.peek(2, 1 << 20))
    (tmp_path / "position").write_text("nonsense")
    assert drain(open_spool(tmp_path)) == [0, 1, 2, 3]


def test_a_lost_file_does_not_swallow_what_comes_after(tmp_path: Path) -> None:
    queue = open_spool(tmp_path)
    for number in range(4):
        queue.append(sweep(number))
    queue.done(queue.peek(4, 1 << 20))
    for path in tmp_path.glob("*.spool"):
        path.unlink()
    again = open_spool(tmp_path)
    again.append(sweep(4))
    assert drain(again) == [4]
    again.append(sweep(5))
    assert drain(open_spool(tmp_path)) == [5]


class FullDisk:
    """Stands before a file's write: takes some bytes, then none."""

    def __init__(self, takes: int) -> None:
        self.takes = takes

    def __call__(self, handle: Any, line: bytes) -> int:
        return int(handle.write(line[: self.takes]))


def test_a_full_disk_is_told_and_the_newest_wait_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = open_spool(tmp_path)
    queue.append(sweep(0))
    monkeypatch.setattr(spool, "put", FullDisk(takes=10))
    for number in range(1, 4):
        queue.append(sweep(number))
    assert queue.trouble == "No space left on device"
    (path,) = tmp_path.glob("*.spool")
    assert path.read_bytes().count(b"\n") == 1
    assert path.read_bytes().endswith(b"\n"), "no half record stays"
    assert drain(queue, 2) == [0, 1, 2, 3]
    queue.append(sweep(4))
    monkeypatch.undo()
    queue.append(sweep(5))
    assert queue.trouble == ""
    assert drain(open_spool(tmp_path)) == [4, 5], "what waited in memory is on disk now"


def test_a_disk_that_became_read_only_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(spool, "SEGMENT_SIZE", 200)
    queue = open_spool(tmp_path)
    for number in range(3):
        queue.append(sweep(number, 50))
    monkeypatch.setattr(spool, "put", refuse)
    monkeypatch.setattr(spool, "write_whole", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    for number in range(3, 5):
        queue.append(sweep(number, 50))
    assert drain(queue) == [0, 1, 2, 3, 4]
    assert drain(queue) == []
    assert queue.trouble == "Read-only file system"


def test_a_bad_block_costs_what_lies_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SEGMENT_SIZE", 200)
    queue = open_spool(tmp_path)
    for number in range(4):
        queue.append(sweep(number, 120))
    whole = spool.record.decode

    def bad(line: bytes) -> record.Record:
        if json.loads(whole(line).text)["at"] == NOW + 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return whole(line)

    monkeypatch.setattr(spool.record, "decode", bad)
    assert drain(queue) == [0, 2, 3]
    assert queue.dropped == 1


def test_a_disk_that_cannot_be_read_now_ends_no_thread() -> None:
    class Away:
        def peek(self, *_: int) -> None:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    said = io.StringIO()
    away: Any = Away()
    sender = Sender(Client("http://127.0.0.1:9"), "key", away, Mailbox(), Journal(said), lambda digest: None)
    assert not sender.deliver()
    assert "cannot be read from disk: Too many open files" in said.getvalue()


def test_memory_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "put", FullDisk(takes=0))
    queue = open_spool(tmp_path)
    for number in range(spool.IN_MEMORY + 5):
        queue.append(sweep(number))
    assert queue.dropped == 5
    assert drain(queue) == list(range(5, spool.IN_MEMORY + 5))


@pytest.mark.parametrize("line", [b"", b"\n", b"x y z", b"00000000 1.0 AAAA\n", b"\xff\xfe\n", b"1 2"])
def test_lines_that_are_none(line: bytes) -> None:
    with pytest.raises(Torn):
        record.decode(line)
