"""When: the one table of periodic tasks, read by settings.

An entry is Celery's: {"task": name, "schedule": seconds or crontab(…), "args": (), "options": {"queue": …}}.
Give "expires" in options, at most a few periods: after an outage a backlog of stale runs helps nobody.
"""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "itim.tasks.heartbeat", "schedule": 10.0, "options": {"expires": 45}},
}
