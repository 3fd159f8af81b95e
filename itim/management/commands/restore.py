"""`manage.py restore FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from itim.archive import ArchiveProblem, restore
from itim.launcher import alone
from itim.launcher.postgres import DATABASE
from itim.launcher.process import LaunchProblem
from itim.preparation import create_database


class Command(BaseCommand):
    help = "Bring a backup into an empty ITIM_HOME (or, with --force, in place of what is there)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace what this ITIM holds")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"].absolute()
        if not source.is_file():
            raise CommandError(f"{source} is not there")
        try:
            with alone.database(exclusive=True):
                if alone.is_embedded():
                    create_database(DATABASE)
                restore(source, options["force"], self.stdout.write)
                connection.close()
        except (ArchiveProblem, LaunchProblem, Error, OSError) as problem:
            raise CommandError(str(problem).strip().split("\n")[0]) from problem
        self.stdout.write("Restored. The next start brings the schema to this version.")
