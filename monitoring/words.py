"""Values in words: states by their names, the rest with its unit."""

from typing import Final

from core import format as formats
from monitoring.measured import RULED

OCTETS: Final = frozenset({"if.in.octets", "if.out.octets"})
"""Read as bit/s by network people."""
SEVERITIES: Final = {0: "OK", 1: "warning", 2: "critical"}
UP: Final = {0: "down", 1: "up"}
YES: Final = {0: "no", 1: "yes"}
WORDS: Final[dict[str, dict[int, str]]] = {"sensor.state": SEVERITIES, "if.up": UP, "http.status": {}}
"""Of what is neither yes nor no; the status of an HTTP answer stays a number."""


def state_words(metric: str) -> dict[int, str]:
    """What the values of a metric of kind "state" mean; empty where they stay numbers."""
    return WORDS.get(metric, YES)


def state_word(metric: str, value: float | None) -> str:
    """What one value of such a metric means; empty where it has no word."""
    return "" if value is None or value % 1 else state_words(metric).get(int(value), "")


def measured(metric: str, value: float) -> str:
    """A value of a metric with its unit, as pages and charts write it."""
    known = RULED.get(metric)
    return formats.quantity(value, known.unit if known else "", metric in OCTETS)


def value_in_words(metric: str, value: float | None) -> str:
    """A value of a metric with its unit; of a state its word."""
    known = RULED.get(metric)
    if known and known.kind == "state" and (word := state_word(metric, value)):
        return word
    return formats.NOTHING if value is None else measured(metric, value)


def no_answer(error: str) -> str:
    """ "No answer: connection refused"; never "No answer: no answer to 3 probes"."""
    rest = error.strip()
    if rest.lower().startswith("no answer"):
        return f"No answer{rest[len('no answer') :]}"
    return f"No answer: {rest}" if rest else "No answer"
