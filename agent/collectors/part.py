"""What every collector returns."""

from typing import NamedTuple

from probes.readings import SCALAR, Column

Value = float | int | None


class Part(NamedTuple):
    """Columns and notes (facts for people) of one collector in one reading."""

    columns: list[Column]
    notes: dict[str, str]


def scalar(metric: str, value: Value) -> Column:
    """A metric that the machine has once."""
    return Column(metric, SCALAR, [value])


def table(rows: dict[str, dict[str, Value]]) -> list[Column]:
    """Columns from rows by instance: {"sda": {"disk.read.bytes": 1, …}, …}. Missing values are None."""
    instances = tuple(rows)
    metrics = dict.fromkeys(metric for row in rows.values() for metric in row)
    return [Column(metric, instances, [rows[name].get(metric) for name in instances]) for metric in metrics]


def unique(names: list[str]) -> list[str]:
    """The names, with "#2", "#3" … behind the second and further of the same."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


def percent(part: float, whole: float) -> float | None:
    """Part of whole in percent, None where there is no whole."""
    return 100.0 * part / whole if whole > 0 else None
