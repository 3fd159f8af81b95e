"""What must be true before the parts start: servers answer, schema and static files are current."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import Error, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg2 import sql

from core import history
from core.models import User
from itim import environment
from itim.launcher import agent, household
from monitoring.actions import enroll_token_for_this_machine

OLDEST = 150000  # PostgreSQL's server_version_num
LOCK = 0x4954494D  # advisory lock: one preparation at a time on a database


class Problem(Exception):
    """Something outside of ITIM is not as it must be; the text is the one line a person needs."""


def prepare(
    say: Callable[[str], object], create: str = "", patience: float = 0, with_agent: bool = False
) -> str:
    """All steps, each only as far as needed; the first admin's password when one was made up, else ""."""
    if create:
        create_database(create)
    insist(check_broker, patience)
    insist(check_database, patience)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                migrate(say)
                password = first_admin(say)
                if with_agent and not agent.is_enrolled(settings.HOME):
                    agent.keep_token(settings.HOME, enroll_token_for_this_machine())
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    except Error as error:
        raise Problem(f"the database refused the preparation: {first_line(error)}") from error
    publish_static(say)
    return password


def insist(check: Callable[[], None], patience: float) -> None:
    """Repeat a check until it passes, at most `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return check()
        except Problem:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def create_database(name: str) -> None:
    """The embedded server's database, on its first start."""
    given = connection.get_connection_params()
    given.pop("cursor_factory", None)
    admin = psycopg2.connect(**{**given, "dbname": "postgres"})
    try:
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        admin.close()


def check_database() -> None:
    """It answers and is new enough."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, version()")
            number, text = cursor.fetchone()
    except OperationalError as error:
        connection.close()
        raise Problem(f"DATABASE_URL: {first_line(error)}") from error
    if number < OLDEST:
        raise Problem(
            f"DATABASE_URL: {text.split(' on ')[0]} is too old, {OLDEST // 10000} or newer is needed"
        )


def check_broker() -> None:
    """It answers PING."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise Problem(f"REDIS_URL: {first_line(error)}") from error


def migrate(say: Callable[[str], object]) -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"{len(plan)} migrations …")
        call_command("migrate", interactive=False, verbosity=0)


def first_admin(say: Callable[[str], object]) -> str:
    """`admin`, when there is nobody yet; gives the password only when nobody chose it."""
    if User.objects.exists():
        return ""
    given = environment.value("ITIM_ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    with history.context(why="first start", source="command"):
        User.objects.create_superuser("admin", password=password)
    say("the first user is `admin`")
    return "" if given else password


def publish_static(say: Callable[[str], object]) -> None:
    """collectstatic into ITIM_HOME/static, when its sources are not those of the last time."""
    root = Path(settings.STATIC_ROOT)
    stamp, current = root / ".stamp", household.fingerprint()
    if stamp.exists() and stamp.read_text() == current:
        return
    say("static files …")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(current)
