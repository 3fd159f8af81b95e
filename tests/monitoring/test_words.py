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
        ("sensor.state", 0.5, ""),
        ("sensor.state", float("nan"), ""),
        ("if.up", 1.0, "up"),
        ("tls.trusted", 0.0, "no"),
        ("http.status", 1.0, ""),
        ("reboot.pending", None, ""),
    ],
)
def test_a_state_is_a_word(metric: str, value: float | None, word: str) -> None:
    assert state_word(metric, value) == word


@pytest.mark.parametrize(
    ("metric", "value", "limit", "said"),
    [
        ("disk.usage", 96.44, 95, "Disk usage x is 96.4% (limit 95%)"),
        ("if.in.octets", 12.5e6, 1.25e6, "Received x is 100 Mbit/s (limit 10 Mbit/s)"),
        ("memory.used", 3 * 2**30, 2**30, "Memory used x is 3 GiB (limit 1 GiB)"),
        ("http.total", 1.5, 0.25, "HTTP, whole request x is 1.5 s (limit 250 ms)"),
        ("if.in.errors", 4.1, 1, "Receive errors x is 4.1 /s (limit 1 /s)"),
        ("temperature", 60, 50, "Temperature x is 60 °C (limit 50 °C)"),
        ("check.age", 725, 180, "No data for 12 min"),
        ("made.up", 5, 4, "made.up x is 5 (limit 4)"),
    ],
)
def test_an_alert_writes_numbers_as_pages_do(metric: str, value: float, limit: float, said: str) -> None:
    rule = {"threshold": limit, "name": "R"}
    assert describe(rule, Subject(1, 1, metric, "x"), value) == said


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
