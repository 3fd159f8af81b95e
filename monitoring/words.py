"""Values of states in words."""

from typing import Final

SEVERITIES: Final = {0: "OK", 1: "warning", 2: "critical"}
UP: Final = {0: "down", 1: "up"}
YES: Final = {0: "no", 1: "yes"}
WORDS: Final = {"sensor.state": SEVERITIES, "if.up": UP, "http.status": {}}
"""Of what is neither yes nor no; the status of an HTTP answer stays a number."""


def state_word(metric: str, value: float | None) -> str:
    """What a value of a metric of kind "state" means; empty where it has no word."""
    if value is None:
        return ""
    return WORDS.get(metric, YES).get(value, "")  # type: ignore[call-overload,no-any-return]  # 1.0 is 1 as a key


def no_answer(error: str) -> str:
    """ "No answer: connection refused"; never "No answer: no answer to 3 probes"."""
    rest = error.strip()
    if rest.lower().startswith("no answer"):
        return f"No answer{rest[len('no answer') :]}"
    return f"No answer: {rest}" if rest else "No answer"
