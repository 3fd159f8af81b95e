"""The project's own task: a worker that runs it shows that it works."""

from celery import shared_task

from itim import health


@shared_task(ignore_result=True, expires=health.LIMIT)
def heartbeat() -> None:
    """Sent by beat every few seconds; see itim/health.py."""
    health.sign_of_life("worker")
