"""Settings, addresses, Celery, schedule and launcher: the only package that knows everybody."""

from itim.celery import app as celery_app

__all__ = ["celery_app"]
