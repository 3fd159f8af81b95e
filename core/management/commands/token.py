"""API tokens from the command line: create, list, revoke."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import history, tokens
from core.models import ApiToken, User


class Command(BaseCommand):
    help = "Create (prints the token alone), list and revoke API tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a token and print it; nobody can see it again")
        create.add_argument("user", help="user name")
        create.add_argument("--name", default="command line")
        create.add_argument(
            "--scope",
            action="append",
            help="read, write (all that the user may do: the default), or inventory.device:view; may repeat",
        )
        create.add_argument(
            "--expires", help="a date (2027-01-31) or a number of days (90); never by default"
        )
        shown = verbs.add_parser("list", help="all tokens, or those of a user")
        shown.add_argument("user", nargs="?")
        revoke = verbs.add_parser("revoke", help="make a token useless at once")
        revoke.add_argument("token", help="number from the list, or the token itself")

    def handle(self, *args: Any, **options: Any) -> None:
        with history.context(source="command", why=f"manage.py token {options['verb']}"):
            getattr(self, options["verb"])(options)

    def create(self, options: dict[str, Any]) -> None:
        user = _user(options["user"])
        if not user.is_active:
            raise CommandError(f"{user.username} is deactivated: a token of theirs would not work")
        try:
            _, text = tokens.create_token(
                user, options["name"], options["scope"], _expiry(options["expires"])
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(text)

    def list(self, options: dict[str, Any]) -> None:
        found = ApiToken.objects.select_related("user")
        if options["user"]:
            found = found.filter(user=_user(options["user"]))
        for token in found:
            until = f"until {token.expires_at:%Y-%m-%d %H:%M}" if token.expires_at else "no end"
            used = f"used {token.last_used:%Y-%m-%d %H:%M}" if token.last_used else "never used"
            scopes = ",".join(token.scopes)
            self.stdout.write(f"{token.pk}\t{token.user.username}\t{token}\t{scopes}\t{until}\t{used}")

    def revoke(self, options: dict[str, Any]) -> None:
        wanted = options["token"]
        by = {"pk": int(wanted)} if wanted.isdecimal() else {"hash": tokens.hash_of(wanted)}
        token = ApiToken.objects.filter(**by).first()
        if token is None:
            raise CommandError("There is no such token")
        tokens.revoke_token(token)
        self.stdout.write(f"Revoked {token}")


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user named {name!r}")
    return user


def _expiry(text: str | None) -> datetime | None:
    """The end of a date's day (UTC), or so many days from now."""
    if not text:
        return None
    try:
        if text.isdecimal():
            return timezone.now() + timedelta(days=int(text))
        return datetime.combine(datetime.fromisoformat(text).date(), time.max, UTC)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"--expires {text} is neither a date such as 2027-01-31 nor a number of days"
        ) from error
