"""The whole way of a sample in real processes, some of them killed or restarted on the way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from itim.launcher import parts
from itim.launcher.postgres import Postgres
from itim.launcher.process import end
from itim.launcher.valkey import Valkey
from tests.flows.up import ROOT, environment, until
from tests.ports import free_udp_port

pytestmark = pytest.mark.flow

SET_UP = """
from core.models import Credential
from inventory.models import Device
from monitoring.models import Check, Rule
login = Credential.objects.create(name="c", kind="snmp-community", secret={{"community": "public"}})
device = Device.objects.create(name="switch", address="127.0.0.1", credential=login)
Check.objects.create(device=device, kind="snmp", interval=5, options={{"port": {port}, "timeout": 2}})
Rule.objects.exclude(key="interface-down").update(enabled=False)
Rule.objects.filter(key="interface-down").update(for_seconds=0)
"""


class Site:
    """A server of its own, a switch, and the means to break them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.postgres = Postgres(folder / "data", folder / "pg")
        self.valkey = Valkey(folder / "valkey", folder / "valkey.sock")
        for server in (self.postgres, self.valkey):
            server.prepare()
        self.start_postgres()
        self.start_valkey()
        stack.callback(lambda: end(self.valkey.child))
        stack.callback(self.stop_postgres)
        self.environment = environment(
            folder / "home", DATABASE_URL=self.postgres.url("postgres"), REDIS_URL=self.valkey.url()
        )
        self.port = free_udp_port()
        self.run("manage.py", "migrate", "-v0").wait(120)
        assert self.run("manage.py", "shell", "-v0", "-c", SET_UP.format(port=self.port)).wait(60) == 0
        self.run("-m", "tests.flows.snmp_switch", str(self.port), str(folder))
        until((folder / "asked").exists, "the switch answers")
        self.run("-m", *parts.beat(str(folder / "beat")))
        self.worker = self.start_worker()

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.environment)
        self.stack.callback(end, process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.run("-m", *parts.worker(f"celery,{parts.polling()}"))

    def keep_worker(self) -> None:
        """A worker that ended is started again, as the launcher, systemd and compose do.

        kombu 5.7 ends a worker with an AttributeError if the broker is killed while a task is not confirmed.
        """
        if self.worker.poll() is not None:
            self.worker = self.start_worker()

    def start_postgres(self) -> None:
        self.postgres.prepare()
        self.postgres.start()
        self.postgres.wait()

    def start_valkey(self) -> None:
        self.valkey.start()
        self.valkey.wait()

    def kill_valkey(self) -> None:
        assert self.valkey.child
        self.valkey.child.kill()
        self.valkey.child.wait()

    def stop_postgres(self) -> None:
        if self.postgres.child:
            end(self.postgres.child, signal.SIGINT)

    def tell(self, name: str, text: str) -> None:
        """Written beside and moved: the switch never reads half a file."""
        (self.folder / "new").write_text(text)
        os.replace(self.folder / "new", self.folder / name)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.postgres.url("postgres"))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def alerts(self) -> dict[str, str]:
        self.keep_worker()
        return dict(self.ask("SELECT instance, status FROM monitoring_alert"))

    def sweeps(self) -> int:
        return int(self.ask("SELECT count(*) FROM monitoring_sweep")[0][0])

    def asked(self) -> int:
        return int((self.folder / "asked").read_text() or 0)


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(folder, stack)


def test_no_alert_is_lost_or_doubled(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("poll")
    folder.chmod(0o755)
    with site(folder) as here:
        until(lambda: here.sweeps() >= 2, "two sweeps")
        assert here.alerts() == {}
        here.tell("down", "3")
        until(lambda: here.alerts() == {"ge3": "firing"}, "an alert for ge3")

        # kill -9 of the worker while the switch is being asked
        here.tell("delay", "0.5")
        before = here.asked()
        until(lambda: here.asked() > before, "a poll has begun")
        here.worker.kill()
        here.worker.wait()
        here.tell("down", "3 4")
        here.tell("delay", "0")
        here.worker = here.start_worker()
        until(lambda: here.alerts() == {"ge3": "firing", "ge4": "firing"}, "an alert for ge4")

        # PostgreSQL restarts while work goes on
        here.stop_postgres()
        here.tell("down", "4 5")
        before = here.asked()
        here.start_postgres()
        wanted = {"ge3": "resolved", "ge4": "firing", "ge5": "firing"}
        until(lambda: here.alerts() == wanted, "ge3 back, ge5 down")

        # kill -9 of Valkey, with what waits in its queues and the task that wrote ge5 not confirmed yet
        here.kill_valkey()
        here.tell("down", "5 6")
        here.start_valkey()
        wanted |= {"ge4": "resolved", "ge6": "firing"}
        until(lambda: here.alerts() == wanted, "ge4 back, ge6 down")

        events = here.ask(
            "SELECT a.instance, e.kind, count(*) FROM monitoring_alertevent e "
            "JOIN monitoring_alert a ON a.id = e.alert_id "
            "WHERE e.kind IN ('fired', 'resolved') GROUP BY 1, 2 ORDER BY 1, 2"
        )
        fired = [(name, "fired", 1) for name in ("ge3", "ge4", "ge5", "ge6")]
        assert events == sorted([*fired, ("ge3", "resolved", 1), ("ge4", "resolved", 1)])
        rates = here.ask(
            'SELECT l."values"[s.slot + 1] FROM monitoring_series s JOIN monitoring_latest l '
            "ON l.check_id = s.check_id AND l.part = s.part WHERE metric = 'if.in.octets'"
        )
        assert len(rates) == 6
        assert all(rate > 0 for (rate,) in rates)
