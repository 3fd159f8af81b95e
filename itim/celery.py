"""The Celery application: workers run `celery -A itim worker`, the schedule stands in itim/schedule.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_process_init, worker_ready
from django.db import close_old_connections

from itim import heartbeat
from itim.launcher.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itim.settings")

app = Celery("itim")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def show_life(**_: Any) -> None:
    """/readyz need not wait for the first heartbeat task."""
    heartbeat.sign_of_life("worker")


@task_prerun.connect
def leave_broken_connections(**_: Any) -> None:
    """After PostgreSQL was away, the first task of each thread finds its connection dead: make a new one."""
    close_old_connections()


@worker_process_init.connect
def end_with_parent(**_: Any) -> None:
    """A pool's process is the launcher's grandchild: it must not outlive the launcher either."""
    if os.environ.get("ITIM_SUPERVISED"):
        die_with_parent()
