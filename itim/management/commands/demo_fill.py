"""Fill an empty database with the demonstration; `manage.py demo` calls this before it opens the doors."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itim.demo.fill import NotEmpty, fill


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration's company (manage.py demo does this by itself)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=10161, help="UDP port of the simulator to come")
        parser.add_argument("--meanwhile", type=int, default=10162, help="free UDP port for the filling")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fill(lambda line: self.stdout.write(f"demo: {line}"), (options["port"], options["meanwhile"]))
        except NotEmpty as problem:
            raise CommandError(str(problem)) from problem
        except OSError as problem:
            raise CommandError(f"the simulated devices cannot listen: {problem}") from problem
