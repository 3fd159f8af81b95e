"""What a kind of probe is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from probes.credentials import Credential
from probes.options import Options
from probes.readings import Readings
from probes.target import Target

Job = tuple[Target, Any, Credential | None]
Collect = Callable[[Target, Any, Credential | None], Awaitable[Readings]]
CollectMany = Callable[[Sequence[Job]], Awaitable[list[Readings]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to probe a target.

    `collect(target, options, credential)` never raises for what the target does and ends in bounded time.
    `needs_credential` names the credential classes of which one is needed; `takes_credential` those that may
    be given. `collect_many`, where there is one, is cheaper than many `collect` and keeps the order.
    """

    name: str
    label: str
    Options: type[Options]
    collect: Collect
    needs_credential: tuple[str, ...] = ()
    takes_credential: tuple[str, ...] = ()
    collect_many: CollectMany | None = None
