"""States and silences in words."""

import pytest

from monitoring.book import Subject, describe
from monitoring.words import no_answer, state_word

RULE = {"threshold": 1, "name": "Sensor critical"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("", "No answer"),
        ("no answer", "No answer"),
        ("no answer to 3 probes", "No answer to 3 probes"),
        ("No answer within 2 s", "No answer within 2 s"),
        ("connection refused", "No answer: connection refused"),
    ],
)
def test_no_answer_is_not_said_twice(error: str, said: str) -> None:
    assert no_answer(error) == said
    assert describe(RULE, Subject(1, 1, "check.up", "", error), 0.0) == said


@pytest.mark.parametrize(
    ("metric", "value", "word"),
    [
        ("sensor.state", 0.0, "OK"),
        ("sensor.state", 2.0, "critical"),
        ("sensor.state", 7.0, ""),
        ("if.up", 1.0, "up"),
        ("tls.trusted", 0.0, "no"),
        ("http.status", 1.0, ""),
        ("reboot.pending", None, ""),
    ],
)
def test_a_state_is_a_word(metric: str, value: float | None, word: str) -> None:
    assert state_word(metric, value) == word


@pytest.mark.parametrize(
    ("metric", "instance", "value", "said"),
    [
        ("sensor.state", "Fan 1", 2.0, "Sensor Fan 1 is critical"),
        ("tls.trusted", "", 0.0, "Certificate trusted: no"),
        ("if.up", "Gi1/0/1", 0.0, "Interface Gi1/0/1 is down"),
        ("http.status", "", 503.0, "HTTP status is 503 (Sensor critical)"),
    ],
)
def test_an_alert_about_a_state_says_the_word(metric: str, instance: str, value: float, said: str) -> None:
    assert describe(RULE, Subject(1, 1, metric, instance), value) == said
