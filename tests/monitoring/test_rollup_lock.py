"""Two workers that roll up at once: one does it, once; the other leaves at once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from monitoring.models import Check
from monitoring.store import rollups

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM monitoring_rollup5m")
        return int(cursor.fetchone()[0])


def in_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """With a connection of its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def test_only_one_works(check: Check, feed: Any, now: float, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = now // HOUR * HOUR - 4 * HOUR  # all three are long over, whatever minute it is
    for hour in range(3):
        feed(begin + hour * HOUR - now, {"cpu.usage": {"": 1}})
    inside, go, whole = threading.Event(), threading.Event(), rollups.hour_of

    def paused(hour: float, check_ids: Any) -> int:
        inside.set()
        assert go.wait(30)
        return whole(hour, check_ids)

    monkeypatch.setattr(rollups, "hour_of", paused)
    thread, first = in_thread(lambda: rollups.roll_up(now))
    assert inside.wait(30)
    assert rollups.roll_up(now) == 0
    assert rows() == 0
    go.set()
    thread.join(30)
    assert first[0] >= 3
    assert rows() == 3
    assert rollups.roll_up(now) == 0


def test_a_failure_holds_no_lock(
    check: Check, feed: Any, now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(-2 * HOUR, {"cpu.usage": {"": 1}})

    def fail(hour: float, check_ids: Any) -> int:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(rollups, "hour_of", fail)
        with pytest.raises(ZeroDivisionError):
            rollups.roll_up(now)
    thread, found = in_thread(lambda: rollups.roll_up(now))
    thread.join(30)
    assert found[0] >= 1
    assert rows() == 1
