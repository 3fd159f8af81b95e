"""`manage.py up`: servers, preparation, parts; then watch over them until the end is asked for."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from itim.environment import BASE_DIR, EnvironmentProblem, database, flag, socket_folder, value
from itim.launcher import address, agent, household, parts
from itim.launcher.console import Console
from itim.launcher.postgres import DATABASE, Postgres
from itim.launcher.process import LaunchProblem, start
from itim.launcher.supervisor import Interrupted, Service, Supervisor
from itim.launcher.valkey import Valkey

HELP = """usage: manage.py up

Start ITIM on this machine: what the environment does not give (DATABASE_URL, REDIS_URL) is started too.
Variables: ITIM_HOME, ITIM_BIND, ITIM_ADMIN_PASSWORD … (docs/operations.md). Ctrl-C ends it."""
TOO_OFTEN = 4  # a part that ends so often before the first answer will not come up


class Launcher:
    def __init__(self) -> None:
        self.host, self.port = address.parse(value("ITIM_BIND", "127.0.0.1:8000"))
        self.address = f"http://{address.reachable(self.host)}:{self.port}"
        if given := value("DATABASE_URL"):
            database(given)
        self.web = parts.web(self.host, self.port)
        self.worker = parts.worker(f"celery,{parts.polling()}")
        self.with_agent = flag("ITIM_AGENT", True)
        self.home = household.settle()
        self.lock = household.lock(self.home, self.address)
        address.refuse_taken(self.host, self.port)
        self.console = Console(self.home / "logs")
        self.stamp = self.home / "prepared"
        self.password = ""

    def run(self) -> None:
        """Until the end is asked for."""
        with Supervisor(self.console) as supervisor:
            try:
                self.start_servers(supervisor)
                self.prepare(supervisor)
                self.start_parts(supervisor)
                supervisor.wait(lambda: False)
            except Interrupted:
                self.console.say("ITIM ends …")

    def start_servers(self, supervisor: Supervisor) -> None:
        """The embedded ones among PostgreSQL and Valkey, both at once."""
        servers: list[tuple[Service, Postgres | Valkey]] = []
        sockets = socket_folder()
        if not value("REDIS_URL"):
            valkey = Valkey(self.home / "valkey", sockets / "valkey.sock")
            servers.append((Service("valkey", valkey.start, before=valkey.prepare), valkey))
        if not value("DATABASE_URL"):
            postgres = Postgres(self.home / "postgres", sockets / "pg")
            servers.append(
                (Service("postgres", postgres.start, signal.SIGINT, before=postgres.prepare), postgres)
            )
        for service, server in servers:
            server.prepare()
            supervisor.run(service)
        for service, server in servers:
            self.await_first(supervisor, service, server.is_ready)
            if isinstance(server, Valkey):
                server.forget_heartbeats()

    def await_first(self, supervisor: Supervisor, service: Service, ready: Callable[[], bool]) -> None:
        """Until it answers; a part that keeps ending before that is a reason to give up."""

        def answered() -> bool:
            if service.failures >= TOO_OFTEN:
                raise LaunchProblem(
                    f"{service.name} does not come up: see {self.home}/logs/{service.name}.log"
                )
            return ready()

        supervisor.wait(answered)

    def prepare(self, supervisor: Supervisor) -> None:
        """Migrations, static files, first admin: in a process of its own, and only when needed."""
        fingerprint = household.fingerprint()
        embedded = not value("DATABASE_URL")
        enrolled = agent.is_enrolled(self.home) or not self.with_agent
        if embedded and enrolled and self.stamp.exists() and self.stamp.read_text() == fingerprint:
            return
        self.stamp.unlink(missing_ok=True)
        result = self.run_preparation(supervisor, create=embedded)
        self.password = result.get("password", "")
        self.stamp.write_text(fingerprint)

    def run_preparation(self, supervisor: Supervisor, create: bool) -> dict[str, str]:
        """`manage.py prepare`; it reports through a file, so that no log ever holds the password."""
        report = self.home / f".prepared-{secrets.token_hex(8)}"
        options = ["--report", str(report), *(["--create", DATABASE] if create else [])]
        if self.with_agent:
            options.append("--enroll-agent")
        try:
            failed = self.run_once(supervisor, "prepare", *options)
            result: dict[str, str] = json.loads(report.read_text()) if report.exists() else {}
            if failed:
                raise LaunchProblem(result.get("problem", "the preparation failed: its lines above say why"))
            return result
        finally:
            report.unlink(missing_ok=True)

    def run_once(self, supervisor: Supervisor, name: str, *options: str) -> int:
        """A management command as a child, until it has ended; its exit code."""
        command = [sys.executable, "manage.py", name, *options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}

        def begin(*, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
            return start(command, cwd=BASE_DIR, environment=environment, stdout=stdout, stderr=stderr)

        service = supervisor.run(Service(name, begin, once=True))
        try:
            supervisor.wait(lambda: not service.is_running)
            return service.child.returncode if service.child else 1
        finally:
            supervisor.services.remove(service)

    def start_parts(self, supervisor: Supervisor) -> None:
        """The web server first and alone: on two cores a page is there twice as soon."""
        web = supervisor.run(parts.service("web", self.web))
        self.await_first(supervisor, web, self.answers)
        self.announce()
        supervisor.run(parts.service("worker", self.worker))
        supervisor.run(parts.service("beat", parts.beat(str(self.home / "beat"))))
        if self.with_agent:
            supervisor.run(parts.service("agent", agent.command(self.home, self.address)))

    def answers(self) -> bool:
        """Whether /readyz says that the web server, the database and the broker are there."""
        connection = http.client.HTTPConnection(
            address.reachable(self.host).strip("[]"), self.port, timeout=2
        )
        try:
            connection.request("GET", "/readyz")
            answer = json.loads(connection.getresponse().read())
            return bool(answer["database"]["ok"] and answer["broker"]["ok"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            time.sleep(0.02)
            return False
        finally:
            connection.close()

    def announce(self) -> None:
        if self.password:
            self.console.say(
                f"First start: log in as `admin` with the password {self.password} (shown only now)"
            )
        self.console.say(f"ITIM is ready at {self.address}")


def main(arguments: list[str], text: str = HELP, launcher: Callable[[], Launcher] = Launcher) -> int:
    """The exit code; a problem is one line, never a traceback."""
    if arguments:
        print(text)  # noqa: T201
        return 0 if set(arguments) <= {"-h", "--help"} else 2
    try:
        launcher().run()
    except (LaunchProblem, EnvironmentProblem) as problem:
        print(f"itim: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    except OSError as problem:
        print(f"itim: {problem.filename or ''}: {problem.strerror or problem}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
