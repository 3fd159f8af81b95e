"""PostgreSQL and Valkey for the tests, started by the launcher's own code; loaded before Django's settings.

The first test that needs a database starts one keeper process for the whole run. It brings up both servers in
a folder of this run, migrates a template database once, and ends with the run, however that ends. Every xdist
worker has a database (a copy of the template) and a Redis database number of its own; DATABASE_URL, REDIS_URL
and ITIM_HOME say so in its environment, so the processes that a test starts meet the same data.
Where DATABASE_URL or REDIS_URL is given, that server is used instead.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import redis
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "itim_test_template"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
NUMBER = int(WORKER.removeprefix("gw")) + 1 if WORKER != "main" else 0


def begin() -> Path:
    """The run's folder: made by the first process, found in the environment by its workers."""
    if WORKER != "main" or "ITIM_TEST_KEEPER" in os.environ:
        return Path(os.environ["ITIM_TEST_RUN"])
    run = Path(tempfile.mkdtemp(prefix="itim-tests-"))
    os.environ["ITIM_TEST_RUN"] = str(run)
    os.environ["ITIM_TEST_PID"] = str(os.getpid())
    os.environ["ITIM_TEST_DATABASE"] = os.environ.get("DATABASE_URL", "")
    os.environ["ITIM_TEST_REDIS"] = os.environ.get("REDIS_URL", "")
    return run


RUN = begin()
GIVEN_DATABASE = os.environ["ITIM_TEST_DATABASE"]
GIVEN_REDIS = os.environ["ITIM_TEST_REDIS"]
SUFFIX = f"_{RUN.name.removeprefix('itim-tests-')}" if GIVEN_DATABASE else ""
DATABASE = f"itim_test_{WORKER}{SUFFIX}"


def admin_url() -> str:
    return GIVEN_DATABASE or f"postgresql://itim@/postgres?host={RUN / 'pg'}"


def database_url(name: str) -> str:
    """The address of a database of that name on the tests' server."""
    return urlunsplit(urlsplit(admin_url())._replace(path=f"/{name}"))


def redis_url(number: int) -> str:
    """The address of a Redis database of that number on the tests' server."""
    if not GIVEN_REDIS:
        return f"unix://{RUN / 'valkey.sock'}?db={number}"
    return urlunsplit(urlsplit(GIVEN_REDIS)._replace(path=f"/{number}"))


os.environ["DATABASE_URL"] = database_url(DATABASE)
os.environ["REDIS_URL"] = redis_url(NUMBER)
os.environ["ITIM_HOME"] = str(RUN / f"home-{WORKER}")


def ensure() -> None:
    """Both servers run and the template is migrated; the first caller of a run pays for it."""
    with (RUN / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (RUN / "ready").exists():
            start_keeper()


def start_keeper() -> None:
    log = RUN / "keeper.log"
    with log.open("w") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.keeper"],
            cwd=ROOT,
            env={**os.environ, "ITIM_TEST_KEEPER": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while not (RUN / "ready").exists():
        if keeper.poll() is not None:
            raise pytest.UsageError(f"the tests' servers did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.02)


def administer(*statements: sql.Composable) -> None:
    """Run statements outside of a transaction, on the server's own database."""
    connection = psycopg2.connect(admin_url())
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def drop_database(name: str) -> None:
    administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def copy_template(name: str = DATABASE) -> None:
    """A new database of that name as migrations leave it; an old one goes, whoever is connected to it."""
    template = sql.Identifier(TEMPLATE + SUFFIX)
    administer(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)),
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template),
    )


def redis_client(number: int = NUMBER) -> redis.Redis:
    return redis.Redis.from_url(redis_url(number))


def is_running() -> bool:
    return (RUN / "ready").exists()


def finish() -> None:
    """End the keeper (and with it both servers), remove what the run left."""
    if WORKER != "main":
        return
    keeper = RUN / "keeper.pid"
    if keeper.exists():
        (RUN / "end").touch()
        deadline = time.monotonic() + 10
        while keeper.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(RUN, ignore_errors=True)


def pytest_unconfigure() -> None:
    finish()
