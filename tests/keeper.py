"""The process that keeps the tests' servers (see tests/servers.py) and ends when the test run has ended."""

import os
import select
import shutil
import signal
import subprocess
import sys

from itim.launcher.postgres import Postgres
from itim.launcher.process import end
from itim.launcher.valkey import Valkey
from tests import servers


def start_servers() -> list[subprocess.Popen[bytes]]:
    """Those that are not given, both at once."""
    started: list[Postgres | Valkey] = []
    if not servers.GIVEN_DATABASE:
        started.append(Postgres(servers.RUN / "data", servers.RUN / "pg", durable=False))
    if not servers.GIVEN_REDIS:
        started.append(Valkey(servers.RUN / "valkey", servers.RUN / "valkey.sock", durable=False))
    for server in started:
        server.prepare()
        server.start()
    for server in started:
        server.wait()
    return [server.child for server in started if server.child]


def make_template() -> None:
    name = servers.TEMPLATE + servers.SUFFIX
    servers.drop_database(name)
    servers.administer(servers.sql.SQL("CREATE DATABASE {}").format(servers.sql.Identifier(name)))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=servers.ROOT,
        env={**os.environ, "DATABASE_URL": servers.database_url(name)},
        check=True,
    )


def wait_for_end() -> None:
    """Until the run's process is gone or asks for the end."""
    try:
        run = os.pidfd_open(int(os.environ["ITIM_TEST_PID"]))
    except ProcessLookupError:
        return
    while not select.select([run], [], [], 0.1)[0] and not (servers.RUN / "end").exists():
        pass


def drop_given() -> None:
    """On a server that is not ours nothing stays behind."""
    connection = servers.psycopg2.connect(servers.admin_url())
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE right(datname, %s) = %s",
                       (len(servers.SUFFIX), servers.SUFFIX))  # fmt: skip
        names = [name for (name,) in cursor.fetchall()]
    connection.close()
    for name in names:
        servers.drop_database(name)


def main() -> None:
    pid = servers.RUN / "keeper.pid"
    pid.write_text(str(os.getpid()))
    children = start_servers()
    try:
        make_template()
        (servers.RUN / "ready").touch()
        wait_for_end()
        if servers.GIVEN_DATABASE:
            drop_given()
    finally:
        for child in children:
            end(
                child,
                signal.SIGQUIT if child is children[0] and not servers.GIVEN_DATABASE else signal.SIGTERM,
            )
        pid.unlink(missing_ok=True)
        shutil.rmtree(servers.RUN, ignore_errors=True)


if __name__ == "__main__":
    main()
