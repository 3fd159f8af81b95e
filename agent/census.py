"""When to take the inventory, and whether it goes out: daily and at change; a hash tells a change."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from agent import inventory
from agent.journal import Journal
from agent.sender import Mailbox
from agent.state import Delivered, State

DAY = 24 * 3600.0
SETTLE = 300.0  # an upgrade touches the package database many times


class Census:
    """Asked in every cycle; reads the inventory when it is due and leaves it in the mailbox."""

    def __init__(
        self,
        state: State,
        mailbox: Mailbox,
        journal: Journal,
        read: Callable[[], tuple[dict[str, Any], dict[str, str]]] = inventory.read,
        signature: Callable[[], Any] = inventory.signature,
    ) -> None:
        self._state, self._mailbox, self._journal = state, mailbox, journal
        self._read, self._signature = read, signature
        self._taken_at: float | None = None
        self._seen: Any = None
        self._delivered = state.delivered().hash

    def look(self, now: float) -> bool:
        """Takes the inventory if it is due at `now` (monotonic seconds); True if it was taken."""
        with self._mailbox.lock:
            wanted, self._mailbox.inventory_wanted = self._mailbox.inventory_wanted, False
        signature = self._signature()
        if not (wanted or self._due(signature, now)):
            return False
        self._seen, self._taken_at = signature, now
        self._take(wanted)
        return True

    def delivered(self, digest: str) -> None:
        """The server has (or refused for good) this inventory."""
        self._delivered = digest
        with contextlib.suppress(OSError):  # after a restart it goes out once more
            self._state.save_delivered(Delivered(digest, time.time()))

    def _due(self, signature: Any, now: float) -> bool:
        if self._taken_at is None or now - self._taken_at >= DAY:
            return True
        return signature != self._seen and now - self._taken_at >= SETTLE

    def _take(self, wanted: bool) -> None:
        found, errors = self._read()
        for part, error in errors.items():
            self._journal.trouble(f"inventory.{part}", f"the inventory lacks its {part}: {error}")
        content = inventory.text(found)
        digest = inventory.digest(content)
        with self._mailbox.lock:
            self._mailbox.inventory_hash = digest
            if wanted or digest != self._delivered:
                self._mailbox.inventory = (digest, content)
