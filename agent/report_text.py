"""A reading for people, on a terminal."""

from collections.abc import Iterator

from agent.collectors.part import Value
from probes.metrics import METRICS, Metric
from probes.readings import Readings

STEPS = ("", "Ki", "Mi", "Gi", "Ti", "Pi")


def lines(readings: Readings) -> Iterator[str]:
    """Metric, instance, value; then the notes."""
    for column in readings.columns:
        for instance, value in zip(column.instances, column.values, strict=True):
            yield f"{column.metric:24} {instance:20} {amount(value, METRICS[column.metric])}"
    for name, text in readings.notes.items():
        yield f"{name}: {text}"
    yield f"read in {readings.duration * 1000:.1f} ms"


def amount(value: Value, metric: Metric) -> str:
    """ "1.5 GiB", "12.30 %", "no value". A counter is shown as it stands: a rate needs two readings."""
    if value is None:
        return "no value"
    unit = metric.unit.removesuffix("/s") if metric.kind.startswith("counter") else metric.unit
    if unit == "B":
        return size(value)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return text if unit in ("", "1") else f"{text} {unit}"


def size(value: float) -> str:
    """Bytes in the largest unit that leaves a number above 1."""
    step = 0
    while abs(value) >= 1024 and step < len(STEPS) - 1:
        value, step = value / 1024, step + 1
    return f"{value:.0f} B" if step == 0 else f"{value:.1f} {STEPS[step]}B"
