"""When: the one table of periodic tasks, read by settings.

An entry is Celery's: {"task": name, "schedule": seconds or crontab(…), "args": (), "options": {"queue": …}}.
Give "expires" in options, at most a few periods: after an outage a backlog of stale runs helps nobody.
"""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "itim.tasks.heartbeat", "schedule": 10.0, "options": {"expires": 45}},
    "poll": {"task": "monitoring.tasks.poll_due", "schedule": 3.0, "options": {"expires": 3}},
    "discover": {"task": "monitoring.tasks.discover_due", "schedule": 10.0, "options": {"expires": 10}},
    "watch": {"task": "monitoring.tasks.watch", "schedule": 30.0, "options": {"expires": 30}},
    "missing checks": {
        "task": "monitoring.tasks.add_missing_checks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "summarize": {"task": "monitoring.tasks.summarize", "schedule": 60.0, "options": {"expires": 60}},
    "foresee": {"task": "monitoring.tasks.foresee", "schedule": 3600.0, "options": {"expires": 3600}},
    "dispatch alerts": {"task": "monitoring.tasks.dispatch", "schedule": 5.0, "options": {"expires": 5}},
    "deliver messages": {"task": "monitoring.tasks.deliver", "schedule": 5.0, "options": {"expires": 5}},
    "remind": {"task": "monitoring.tasks.remind", "schedule": 60.0, "options": {"expires": 60}},
    "wake snoozed": {"task": "monitoring.tasks.wake_snoozed", "schedule": 60.0, "options": {"expires": 60}},
    "roll up": {"task": "monitoring.tasks.roll_up", "schedule": 300.0, "options": {"expires": 300}},
    "forget history": {
        "task": "core.tasks.forget_history",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
    "keep house": {"task": "monitoring.tasks.keep_house", "schedule": 3600.0, "options": {"expires": 3600}},
}
