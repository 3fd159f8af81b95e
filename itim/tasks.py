"""The project's own task: a worker that runs it shows that it works."""

from celery import shared_task

from itim.heartbeat import LIMIT, sign_of_life


@shared_task(ignore_result=True, expires=LIMIT)
def heartbeat() -> None:
    """Sent by beat every few seconds; see itim/heartbeat.py."""
    sign_of_life("worker")
