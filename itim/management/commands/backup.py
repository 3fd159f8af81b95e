"""`manage.py backup FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from itim.archive import ArchiveProblem, backup
from itim.launcher import alone
from itim.launcher.process import LaunchProblem


class Command(BaseCommand):
    help = "Write database, keys and uploads into one file (0600). ITIM may run meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace an existing file")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"].absolute()
        try:
            with alone.database():
                backup(target, options["force"])
        except (ArchiveProblem, LaunchProblem, Error, OSError) as problem:
            raise CommandError(str(problem).strip().split("\n")[0]) from problem
        self.stdout.write(
            f"{target}: {target.stat().st_size / 1e6:.1f} MB. It holds the keys: keep it as safe as them."
        )
