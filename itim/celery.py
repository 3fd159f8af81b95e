"""The Celery application: workers run `celery -A itim worker`, the schedule stands in itim/schedule.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itim.settings")

app = Celery("itim")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
