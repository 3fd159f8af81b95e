"""Beat goes on when the clock is set back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery

from itim import heartbeat
from itim.scheduler import Scheduler

STEP = 7200  # seconds
PERIODS = {"often": 2.0, "seldom": 3600.0}


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    monkeypatch.setattr(heartbeat, "sign_of_life", lambda part: None)
    app = Celery("clock", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {name: {"task": name, "schedule": period} for name, period in PERIODS.items()}
    made = Scheduler(app, schedule_filename=str(tmp_path / "schedule"))
    yield made
    made.close()


def ran(scheduler: Scheduler, ago: float) -> None:
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() - timedelta(seconds=ago)


def sent(scheduler: Scheduler, ticks: int = 4) -> list[str]:
    names: list[str] = []
    scheduler.apply_entry = lambda entry, producer=None: names.append(entry.name)
    for _ in range(ticks):
        scheduler.tick()
    return names


def test_what_is_due_is_sent_once(scheduler: Scheduler) -> None:
    ran(scheduler, ago=60)
    assert sent(scheduler) == ["often"]


def test_after_a_step_back_tasks_run_at_their_period(scheduler: Scheduler) -> None:
    ran(scheduler, ago=60)
    sent(scheduler)  # the times of the next runs are known
    ran(scheduler, ago=-STEP)  # as everything looks once the clock was set back
    scheduler._heap = [event._replace(time=event.time + STEP) for event in scheduler._heap]
    assert sent(scheduler) == []
    assert scheduler.tick() <= PERIODS["often"]


def test_what_was_kept_on_disk_before_the_step_holds_nothing_up(scheduler: Scheduler) -> None:
    ran(scheduler, ago=-STEP)
    assert sent(scheduler) == []
    assert scheduler.tick() <= PERIODS["often"]
