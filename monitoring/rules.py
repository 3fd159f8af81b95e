"""Rules out of the database as the engine wants them, and whom they concern."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.engine.evaluate import Condition
from monitoring.layout import metric_number
from monitoring.models import Rule
from monitoring.selector import Subject, picks_device
from probes.metrics import METRICS

FIELDS = (
    "id",
    "name",
    "metric",
    "selector",
    "operator",
    "threshold",
    "recovery",
    "for_seconds",
    "severity",
    "only_after_ok",
)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The enabled rules: as rows, and compiled, in the same order."""

    rows: tuple[dict[str, Any], ...]
    conditions: tuple[Condition, ...]

    def applies(self, facts: Sequence[Subject]) -> list[NDArray[np.bool_]]:
        """By rule: which of these checks its selector picks."""
        distinct = {one: [picks_device(row["selector"], one) for row in self.rows] for one in set(facts)}
        table = np.array([distinct[one] for one in facts], dtype=bool).reshape(len(facts), len(self.rows))
        return list(table.T)

    def row(self, rule_id: int) -> dict[str, Any]:
        return next(row for row in self.rows if row["id"] == rule_id)


def load() -> RuleSet:
    """The enabled rules; compiled again only when one of them has changed."""
    rows = list(Rule.objects.filter(enabled=True).order_by("pk").values(*FIELDS))
    return _compiled(json.dumps(rows))


@lru_cache(maxsize=4)
def _compiled(text: str) -> RuleSet:
    rows = tuple(json.loads(text))
    return RuleSet(rows, tuple(_condition(row) for row in rows))


def _condition(row: dict[str, Any]) -> Condition:
    metric = METRICS.get(row["metric"])
    selector = row["selector"]
    return Condition(
        rule=row["id"],
        metric=metric_number(row["metric"]),
        operator=row["operator"],
        threshold=row["threshold"],
        recovery=row["recovery"],
        for_seconds=row["for_seconds"],
        only_after_ok=row["only_after_ok"],
        missing_ends=metric is not None and metric.kind == "state",
        instance=_pattern(selector.get("instance")),
        not_instance=_pattern(selector.get("not_instance")),
    )


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None
