"""What SNMP discovery finds in recordings that a simulator plays: one JSON file each, without a database."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from probes.snmp.export import ExportError, export, recordings


class Command(BaseCommand):
    """`manage.py snmp_found RECORDINGS_DIR OUT_DIR --port N`"""

    help = "Discover what a simulator plays (community: name of the recording), one JSON file a recording."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("recordings", type=Path, help="folder of *.snmprec; only their names are used")
        parser.add_argument("out", type=Path, help="folder for the JSON files")
        parser.add_argument("--port", type=int, required=True, help="UDP port of the simulator")
        parser.add_argument("--host", default="127.0.0.1", help="address of the simulator (127.0.0.1)")
        parser.add_argument("--concurrent", type=int, default=8, help="recordings at a time (8)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["port"] < 65536:
            raise CommandError("--port: must be between 1 and 65535")
        if options["concurrent"] < 1:
            raise CommandError("--concurrent: must be at least 1")
        show = self.stdout.write if options["verbosity"] > 1 else lambda line: None
        try:
            names = recordings(options["recordings"])
            job = export(names, options["out"], options["host"], options["port"], options["concurrent"], show)
            outcome = asyncio.run(job)
        except ExportError as error:
            raise CommandError(str(error)) from error
        for name, reason in sorted(outcome.failed.items()):
            self.stderr.write(f"{name}: {reason}")
        self.stdout.write(f"{len(outcome.written)} of {len(names)} written to {options['out']}")
        if outcome.failed:
            raise CommandError(f"{len(outcome.failed)} recordings were not answered for")
