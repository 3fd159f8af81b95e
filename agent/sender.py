"""Delivery: takes sweeps from the spool to the server, in order, in a thread of its own.

A server that is away or slow thus never delays a reading.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.backoff import Backoff
from agent.client import Client, Refused, Unavailable, Unwelcome
from agent.journal import Journal
from agent.spool import Batch, Spool

MOST_SWEEPS = 100
MOST_BYTES = 4 * 1024 * 1024
REQUESTS_AT_ONCE = 200


@dataclass
class Mailbox:
    """What the two threads leave for each other besides the spool."""

    inventory: tuple[str, bytes] | None = None  # hash and JSON, waiting to be sent
    inventory_hash: str = ""
    inventory_wanted: bool = False
    config: dict[str, Any] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Sender:
    """Sends what waits. `lost` counts sweeps that the server did not take."""

    def __init__(
        self,
        client: Client,
        key: str,
        spool: Spool,
        mailbox: Mailbox,
        journal: Journal,
        inventory_delivered: Callable[[str], None],
    ) -> None:
        self._client, self._key, self._spool = client, key, spool
        self._mailbox, self._journal = mailbox, journal
        self._inventory_delivered = inventory_delivered
        self._most = MOST_SWEEPS
        self._backoff = Backoff()
        self._work = threading.Event()
        self._stop = threading.Event()
        self.lost = 0
        self.revoked = ""

    def wake(self) -> None:
        """There is something to send."""
        self._work.set()

    def stop(self) -> None:
        self._stop.set()
        self._work.set()

    def run(self, when_revoked: Callable[[], None]) -> None:
        """The thread: until stop(), or until the server says that the key is not valid (any more)."""
        while not self._stop.is_set():
            self._work.wait()
            self._work.clear()
            try:
                while not self._stop.is_set() and not self.deliver():
                    if self._stop.wait(self._backoff.next()):
                        return
            except Unwelcome as error:
                self.revoked = str(error)
                when_revoked()
                return

    def deliver(self) -> bool:
        """Sends all that waits. False when the server is away, or the disk. Raises Unwelcome."""
        try:
            for _ in range(REQUESTS_AT_ONCE):
                if self._stop.is_set() or not self._step():
                    break
        except Unavailable as error:
            self._journal.trouble("server", f"readings are kept here until the server takes them: {error}")
            return False
        except OSError as error:  # the disk's: those of the network are Unavailable
            self._journal.trouble("disk", f"readings cannot be read from disk: {error.strerror or error}")
            return False
        self._backoff.reset()
        self._journal.over("disk", "readings can be read from disk again")
        self._journal.over("server", f"{self._client.server} takes readings again")
        return True

    def _step(self) -> bool:
        """One request; False when nothing waits."""
        batch = self._spool.peek(self._most, MOST_BYTES)
        if batch:
            self._send_batch(batch)
            return True
        with self._mailbox.lock:
            inventory = self._mailbox.inventory
        if inventory:
            self._send_inventory(*inventory)
        return bool(inventory)

    def _send_batch(self, batch: Batch) -> None:
        try:
            answer = self._report(b",".join(item.text for item in batch.records), b"null")
        except Refused as error:
            self._refused(batch, error)
            return
        self._spool.done(batch)
        self._most = min(MOST_SWEEPS, self._most * 2)
        self._take(answer, len(batch.records))

    def _refused(self, batch: Batch, error: Refused) -> None:
        """Many at once are sent again as fewer, so that one bad sweep does not cost its neighbors."""
        if len(batch.records) > 1:
            self._most = max(1, len(batch.records) // 2)
            return
        self._spool.done(batch)
        self.lost += 1
        self._journal.trouble("refused", f"the server refuses a reading, it is dropped: {error}")

    def _send_inventory(self, digest: str, content: bytes) -> None:
        try:
            answer = self._report(b"", content)
        except Refused as error:
            self._journal.trouble("inventory", f"the server refuses the inventory: {error}")
            answer = {}
        with self._mailbox.lock:
            if self._mailbox.inventory and self._mailbox.inventory[0] == digest:
                self._mailbox.inventory = None
        self._inventory_delivered(digest)
        self._take({key: value for key, value in answer.items() if key == "config"}, 0, asked=False)

    def _report(self, sweeps: bytes, inventory: bytes) -> dict[str, Any]:
        with self._mailbox.lock:
            digest = self._mailbox.inventory_hash
        body = b'{"version":1,"sweeps":[%b],"inventory":%b,"inventory_hash":"%b"}'
        return self._client.report(self._key, body % (sweeps, inventory, digest.encode()))

    def _take(self, answer: dict[str, Any], sent: int, asked: bool = True) -> None:
        rejected = answer.get("rejected")
        if isinstance(rejected, list) and rejected and sent:
            self.lost += min(sent, len(rejected))
            reason = rejected[0].get("reason") if isinstance(rejected[0], dict) else ""
            self._journal.trouble("rejected", f"the server rejects {len(rejected)} readings: {reason}")
        config = answer.get("config")
        if isinstance(config, dict):
            with self._mailbox.lock:
                self._mailbox.config = config
                self._mailbox.inventory_wanted |= asked and config.get("send_inventory") is True
