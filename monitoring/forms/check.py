"""The form of a check: the options of its kind as fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitoring.forms.options import KindForm
from probes.kinds import KINDS
from probes.options import Options


@dataclass(frozen=True, slots=True)
class NoOptions(Options):
    """There is nothing to set."""


@dataclass(frozen=True, slots=True)
class Passive:
    """The kind of a check whose readings are delivered: it has no options."""

    label: str = "Agent"
    Options: type[Options] = NoOptions


class CheckForm(KindForm):
    """A check. One that an agent feeds keeps its kind and has nothing to set but what every check has."""

    def kinds(self) -> Mapping[str, Any]:
        return {self.instance.kind: Passive()} if self.instance.passive else KINDS

    def schema(self, kind: str, part: str) -> type[Options]:
        found: type[Options] = self.kinds()[kind].Options
        return found
