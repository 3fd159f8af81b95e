"""How long to wait after failures: doubling, with jitter, so that a fleet does not return all at once."""

import random
from collections.abc import Callable


class Backoff:
    """1, 2, 4 … seconds up to `longest`, each shortened by a random share of up to a half."""

    def __init__(
        self, first: float = 1.0, longest: float = 60.0, chance: Callable[[], float] = random.random
    ) -> None:
        self._first, self._longest, self._chance = first, longest, chance
        self.failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        whole = min(self._longest, self._first * 2.0 ** min(self.failures, 32))
        self.failures += 1
        return whole * (1.0 - self._chance() / 2.0)

    def reset(self) -> None:
        self.failures = 0
