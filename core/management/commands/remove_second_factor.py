"""The way in for a person who lost the second factor and the recovery codes, where nobody else may help."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import actions, history
from core.access import SYSTEM
from core.models import User


class Command(BaseCommand):
    help = (
        "Remove a person's second factor and recovery codes, and end their sessions. For the only "
        "administrator; for everybody else there is a button on their page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("--why", default="manage.py remove_second_factor", help="kept in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user named {options['user']!r}")
        try:
            with history.context(source="command", why=options["why"]):
                actions.remove_second_factor(SYSTEM, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.username} logs in with the password alone now")
