"""When: each task calls an action and little more."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core.history.retention import forget


@shared_task
def forget_history() -> int:
    """Steps older than ITIM_HISTORY_DAYS go; 0 keeps all. Returns how many rows went."""
    days = settings.HISTORY_DAYS
    return forget(timezone.now() - timedelta(days=days)) if days else 0
