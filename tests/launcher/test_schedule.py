"""Every entry of the schedule names a task that exists, and every module's periodic work is in it."""

import importlib

import pytest

from itim.schedule import SCHEDULE

PERIODIC = {
    "monitoring.tasks.poll_due",
    "monitoring.tasks.discover_due",
    "monitoring.tasks.watch",
    "monitoring.tasks.summarize",
    "monitoring.tasks.foresee",
    "monitoring.tasks.dispatch",
    "monitoring.tasks.deliver",
    "monitoring.tasks.remind",
    "monitoring.tasks.wake_snoozed",
    "monitoring.tasks.roll_up",
    "monitoring.tasks.keep_house",
}


@pytest.mark.parametrize("entry", sorted(SCHEDULE))
def test_entries_name_tasks_and_expire(entry):
    module, _, name = SCHEDULE[entry]["task"].rpartition(".")
    assert hasattr(getattr(importlib.import_module(module), name), "delay")
    assert SCHEDULE[entry]["options"]["expires"] > 0


def test_nothing_periodic_was_forgotten():
    assert {entry["task"] for entry in SCHEDULE.values()} >= PERIODIC
