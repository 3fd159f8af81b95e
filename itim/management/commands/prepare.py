"""`manage.py prepare`: bring database and static files to this version, before the parts start."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from itim.preparation import Problem, prepare


class Command(BaseCommand):
    help = "Check database and broker, migrate, publish static files, make the first admin. Safe to repeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--create", metavar="DATABASE", help="create this database when it is missing")
        parser.add_argument("--enroll-agent", action="store_true", help="for `up`: let its agent enroll")
        parser.add_argument("--wait", type=float, default=0, help="seconds to wait for database and broker")
        parser.add_argument("--report", type=Path, help="write the outcome as JSON into this new file (0600)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = prepare(
                self.stdout.write,
                create=options["create"] or "",
                patience=options["wait"],
                with_agent=options["enroll_agent"],
            )
        except Problem as problem:
            if options["report"]:
                write_report(options["report"], {"problem": str(problem)})
                raise SystemExit(1) from problem
            raise CommandError(str(problem)) from problem
        if options["report"]:
            write_report(options["report"], {"password": password})
        elif password:
            self.stdout.write(f"First start: log in as `admin` with the password {password} (shown only now)")


def write_report(path: Path, outcome: dict[str, str]) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(outcome, handle)
