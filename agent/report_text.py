"""A reading for people, on a terminal."""

from collections.abc import Iterator

from probes.readings import Readings


def lines(readings: Readings) -> Iterator[str]:
    """Metric, instance, value; then the notes."""
    for column in readings.columns:
        for instance, value in zip(column.instances, column.values, strict=True):
            text = (
                "no value" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
            )
            yield f"{column.metric:24} {instance:20} {text}"
    for name, text in readings.notes.items():
        yield f"{name}: {text}"
    yield f"read in {readings.duration * 1000:.1f} ms"
