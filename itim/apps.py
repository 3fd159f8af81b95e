"""The project's own app (commands, health), and what is left out of the static files."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig

from itim.celery import app as celery_app

__all__ = ["ItimConfig", "StaticFiles", "celery_app"]  # Celery's app is current as soon as Django is set up


class ItimConfig(AppConfig):
    name = "itim"
    default = True


class StaticFiles(StaticFilesConfig):
    """Without the icons: the `icon` tag draws them into pages, no browser asks for these 5,000 files."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "tabler-icons"]
