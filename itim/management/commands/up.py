"""`manage.py up`, as `manage.py help` lists it: manage.py itself hands it over before Django is set up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itim.launcher.up import main


class Command(BaseCommand):
    help = "Start ITIM on this machine, with the servers that the environment does not give."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if code := main([]):
            raise CommandError("ITIM did not start", returncode=code)
