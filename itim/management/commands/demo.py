"""`manage.py demo`, as `manage.py help` lists it: manage.py itself hands it over before Django is set up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itim.launcher.demo import main


class Command(BaseCommand):
    help = "Start ITIM with a believable company: sixty simulated devices and a month of history."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if code := main([]):
            raise CommandError("the demonstration did not start", returncode=code)
