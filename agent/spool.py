"""Sweeps on their way to the server, on disk: what is written here outlives a kill of the agent.

Files NUMBER.spool (agent/record.py), a new one every SEGMENT_SIZE bytes; `position` names the first
record that the server has not taken yet. A kill between the server's yes and the new position sends those
sweeps once more, which the server knows by their time. Not synced to the platter at every reading: a
power cut may cost the last seconds, never the order or the rest.
"""

import contextlib
import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import NamedTuple

from agent import record
from agent.record import Record, Torn
from agent.state import write_whole

SEGMENT_SIZE = 128 * 1024
LARGEST = 48 * 1024 * 1024
OLDEST = 24 * 3600.0
IN_MEMORY = 60


class Batch(NamedTuple):
    """Records in order, and where the next one begins (segment, offset); memory: from the fallback."""

    records: list[Record]
    segment: int
    offset: int
    memory: bool = False


class Spool:
    """A queue with one writer and one reader, each its own thread.

    When the disk takes nothing more, up to IN_MEMORY sweeps wait in memory, so that a machine with a full
    disk goes on reporting just that. `dropped` counts sweeps that were lost: torn, too old, too many.
    `trouble` is the reason why the disk does not take them, "" when it does.
    """

    def __init__(
        self,
        folder: Path,
        largest: int = LARGEST,
        oldest: float = OLDEST,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._largest, self._oldest, self._clock = folder, largest, oldest, clock
        self._lock = threading.Lock()
        self._memory: deque[bytes] = deque()
        self.dropped = 0
        self.trouble = ""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for segment in self._segments():
            self._cut_torn_end(segment)
        segments = self._segments()
        self._last = segments[-1] if segments else 1
        self._position = self._load_position(segments[0] if segments else 1)
        self._forget_before(self._position[0])

    def append(self, sweep: dict[str, object]) -> None:
        """Keeps a sweep, on disk if the disk takes it, else in memory; then makes room."""
        line = record.encode(sweep)
        with self._lock:
            self._memory.append(line)
            try:
                while self._memory:
                    self._write(self._memory[0])
                    self._memory.popleft()
                self.trouble = ""
            except OSError as error:
                self.trouble = error.strerror or str(error)
            while len(self._memory) > IN_MEMORY:
                self._memory.popleft()
                self.dropped += 1
            self._make_room()

    def peek(self, count: int, size: int) -> Batch | None:
        """The next records: at most `count`, at most about `size` bytes of JSON; None when nothing waits.

        Raises OSError when they cannot be read now.
        """
        with self._lock:
            return self._peek_disk(count, size) or self._peek_memory(count)

    def done(self, batch: Batch) -> None:
        """The server took the batch, or will never take it: go on behind it."""
        with self._lock:
            if batch.memory:
                for item in batch.records:
                    if self._memory and _same(self._memory[0], item):
                        self._memory.popleft()
                return
            self._move_to(batch.segment, batch.offset)

    def waiting(self) -> int:
        """Bytes that wait on disk and in memory."""
        with self._lock:
            sizes = {segment: self._size(segment) for segment in self._segments()}
            segment, offset = self._position
            on_disk = sum(size for number, size in sizes.items() if number >= segment) - offset
            return max(0, on_disk) + sum(len(line) for line in self._memory)

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:010d}.spool"

    def _segments(self) -> list[int]:
        names = (path.stem for path in self._folder.glob("*.spool"))
        return sorted(int(name) for name in names if name.isdecimal())

    def _size(self, segment: int) -> int:
        try:
            return self._path(segment).stat().st_size
        except FileNotFoundError:
            return 0

    def _write(self, line: bytes) -> None:
        """All of the line or nothing of it. Raises OSError."""
        if self._size(self._last) >= SEGMENT_SIZE:
            self._last += 1
        path = self._path(self._last)
        before = self._size(self._last)
        try:
            with path.open("ab", buffering=0) as handle:
                if put(handle, line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            if path.exists():
                with path.open("r+b") as handle:
                    handle.truncate(before)
            raise

    def _cut_torn_end(self, segment: int) -> None:
        """A kill in the middle of a write leaves a line without an end."""
        path = self._path(segment)
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            with path.open("r+b") as handle:
                handle.truncate(content.rfind(b"\n") + 1)
            self.dropped += 1

    def _peek_disk(self, count: int, size: int) -> Batch | None:
        segment, offset = self._position
        while segment <= self._last:
            batch = self._read(segment, offset, count, size)
            if batch.records:
                return batch
            if segment == self._last:
                if batch.offset != offset:  # nothing but torn lines
                    self._move_to(segment, batch.offset)
                return None
            segment, offset = segment + 1, 0
            self._move_to(segment, offset)
        return None

    def _read(self, segment: int, offset: int, count: int, size: int) -> Batch:
        records: list[Record] = []
        try:
            with self._path(segment).open("rb") as handle:
                handle.seek(offset)
                while len(records) < count and size > 0 and (line := handle.readline()):
                    if not line.endswith(b"\n"):
                        break
                    offset += len(line)
                    try:
                        item = record.decode(line)
                    except Torn:
                        self.dropped += 1
                        continue
                    if item.at < self._clock() - self._oldest:
                        self.dropped += 1
                        continue
                    records.append(item)
                    size -= len(item.text)
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self.dropped += 1  # a bad block: what lies behind it in this file is lost
            offset = self._size(segment)
        return Batch(records, segment, offset)

    def _peek_memory(self, count: int) -> Batch | None:
        records = [record.decode(line) for line in list(self._memory)[:count]]
        return Batch(records, 0, 0, memory=True) if records else None

    def _load_position(self, first: int) -> tuple[int, int]:
        try:
            segment, offset = (int(word) for word in (self._folder / "position").read_text().split())
        except (OSError, ValueError):
            return first, 0
        if segment > self._last or (segment == self._last and offset > self._size(segment)):
            self._last = max(self._last, segment + 1)  # never write where the position calls it done
            return self._last, 0
        return (segment, offset) if segment >= first else (first, 0)

    def _move_to(self, segment: int, offset: int) -> None:
        self._position = (segment, offset)
        self._forget_before(segment)
        with contextlib.suppress(OSError):  # after a restart some sweeps go twice; the server knows them
            write_whole(self._folder / "position", f"{segment} {offset}".encode(), sync=False)

    def _forget_before(self, segment: int) -> None:
        for number in self._segments():
            if number < segment:
                self._remove(number)

    def _remove(self, segment: int) -> None:
        """A disk that became read-only keeps what is sent already: that must not stop the sending."""
        with contextlib.suppress(OSError):
            self._path(segment).unlink()

    def _make_room(self) -> None:
        """Drops the oldest files while there are too many bytes, or when their last sweep is too old."""
        segments = self._segments()
        sizes = {segment: self._size(segment) for segment in segments}
        for segment in segments[:-1]:
            try:
                age = self._clock() - self._path(segment).stat().st_mtime
            except FileNotFoundError:
                continue
            if age <= self._oldest and sum(sizes.values()) <= self._largest:
                break
            self._drop(segment)
            del sizes[segment]

    def _drop(self, segment: int) -> None:
        begin = self._position[1] if segment == self._position[0] else 0
        if segment >= self._position[0]:
            self.dropped += self._count(segment, begin)
            self._move_to(segment + 1, 0)
        else:
            self._remove(segment)

    def _count(self, segment: int, begin: int) -> int:
        """Records behind `begin`; one at least where the disk cannot say."""
        try:
            return self._path(segment).read_bytes()[begin:].count(b"\n")
        except OSError:
            return 1


def put(handle: RawIOBase, line: bytes) -> int:
    """Bytes that the disk took: fewer than given when it is full."""
    return handle.write(line) or 0


def _same(line: bytes, item: Record) -> bool:
    return record.decode(line) == item
