"""Server time of pages and of the API at 10,000 devices and 200,000 interfaces.

    python -m bench.pages [--devices 10000] [--ports 20] [--runs 7]

A PostgreSQL of its own is filled in bulk: devices at 40 sites, each with a check and its latest values,
interfaces with their series, some open alerts. Then every address is asked by Django's test client in this
process as an administrator, warm: medians and numbers of queries.
"""

import argparse
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itim.launcher.postgres import Postgres
from itim.launcher.process import end
from itim.launcher.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
SITES = 40
BATCH = 500
"""Devices a request of the bulk create."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was asked, ms (or devices/s) and the number of queries."""

    what: str
    measured: float
    target: float
    queries: int
    unit: str = "ms"

    @property
    def good(self) -> bool:
        return self.measured >= self.target if self.unit == "/s" else self.measured <= self.target


@contextlib.contextmanager
def servers() -> Iterator[None]:
    """PostgreSQL and Valkey in a folder of their own, migrated; Django is set up against them."""
    folder = Path(tempfile.mkdtemp(prefix="itim-bench-"))
    folder.chmod(0o755)
    postgres = Postgres(folder / "data", folder / "pg")
    valkey = Valkey(folder / "valkey", folder / "valkey.sock")
    for server in (postgres, valkey):
        server.prepare()
        server.start()
        server.wait()
    os.environ["DATABASE_URL"] = postgres.url("postgres")
    os.environ["REDIS_URL"] = valkey.url()
    os.environ["ITIM_HOME"] = str(folder / "home")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itim.settings")
    try:
        for command in (["migrate"], ["collectstatic", "--noinput"]):
            subprocess.run([sys.executable, "manage.py", *command, "-v0"], cwd=ROOT, check=True)
        yield
    finally:
        for child, number in ((postgres.child, signal.SIGINT), (valkey.child, signal.SIGTERM)):
            if child:
                end(child, number)
        shutil.rmtree(folder, ignore_errors=True)


def fill(devices: int, ports: int) -> None:
    """Sites, devices and interfaces by bulk; what monitoring knows of them."""
    from django.db import connection

    from inventory.models import Device, DeviceRole, Interface, Site

    sites = Site.objects.bulk_create(Site(name=f"Site {n}") for n in range(SITES))
    roles = [DeviceRole.objects.get_or_create(name=name)[0] for name in ("Switch", "Router", "Server")]
    made = Device.objects.bulk_create(
        (
            Device(
                name=f"sw-{n:05}",
                site=sites[n % SITES],
                role=roles[n % 3],
                address=f"10.{n // 65536}.{n // 256 % 256}.{n % 256}",
                serial=f"SN{n:08}",
            )
            for n in range(devices)
        ),
        batch_size=1000,
    )
    for start in range(0, devices, 500):
        Interface.objects.bulk_create(
            Interface(
                device=one,
                name=f"ge-0/0/{n}",
                if_index=n + 1,
                alias=f"to desk {n}",
                speed=10**9,
                oper_up=True,
            )
            for one in made[start : start + 500]
            for n in range(ports)
        )
    watch(made, ports)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


SERIES = """
INSERT INTO monitoring_series (check_id, part, slot, metric, instance, unit, kind)
SELECT c.id, 0, place - 1, metric, instance, unit, 'gauge' FROM monitoring_check c, (
    SELECT row_number() OVER (ORDER BY rank, instance, metric) AS place, metric, instance, unit FROM (
        VALUES (0, 'check.up', '', ''), (1, 'check.duration', '', 's'), (2, 'cpu.usage', '', '%%'),
               (3, 'memory.usage', '', '%%'), (4, 'temperature', 'CPU', '°C')
        UNION ALL SELECT 5, metric, 'ge-0/0/' || port, 'B/s' FROM generate_series(0, %(ports)s - 1) port,
            (VALUES ('if.in.octets'), ('if.out.octets')) AS m (metric)
    ) AS each (rank, metric, instance, unit)
) AS places
"""
LATEST = """
INSERT INTO monitoring_latest (check_id, at, part, "values")
SELECT id, now(), 0, ARRAY[1, 0.02, 20 + id %% 70, 30 + id %% 60, 41]
    || array_fill((id * 997 %% 100000)::float8, ARRAY[2 * %(ports)s]) FROM monitoring_check
"""


def watch(devices: list[Any], ports: int) -> None:
    """A check, its series and latest values a device; every fiftieth is down and has an alert."""
    from django.db import connection
    from django.utils import timezone

    from monitoring.models import Alert, Check, Rule

    now = timezone.now()
    checks = Check.objects.bulk_create(
        (
            Check(
                device=one,
                kind="snmp",
                last_run=now,
                slots=5 + 2 * ports,
                status="ok" if n % 50 else "failed",
            )
            for n, one in enumerate(devices)
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute(SERIES, {"ports": ports})
        cursor.execute(LATEST, {"ports": ports})
    shared = {"rule": Rule.objects.order_by("pk").first(), "severity": "critical", "status": "firing"}
    Alert.objects.bulk_create(
        Alert(
            source=one,
            device=one.device,
            metric="check.up",
            started_at=now,
            fired_at=now,
            text=f"{one.device} does not answer",
            **shared,
        )
        for one in checks[::50]
    )


def median_ms(ask: Callable[[], Any], runs: int) -> tuple[float, int]:
    """Median milliseconds of a warm request and how many queries it makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    with CaptureQueriesContext(connection) as captured:
        ask()
    return statistics.median(times), len(captured)


def measure(runs: int) -> Iterator[Line]:
    """Every address of the issue, with its target."""
    from django.test import Client

    from core.models import User
    from inventory.models import Device

    client = Client()
    client.force_login(User.objects.create_superuser("bench", "bench@example.com", "bench"))
    device = Device.objects.order_by("pk")[5]
    for what, url, target in (
        ("device list page", "/inventory/devices/", 100.0),
        ("interface list page", "/inventory/interfaces/", 100.0),
        ("overview", "/", 100.0),
        ("device page", f"/inventory/devices/{device.pk}/", 60.0),
        ("API, 50 devices", "/api/v1/devices/?limit=50", 40.0),
        ("API, 1,000 devices", "/api/v1/devices/?limit=1000", 150.0),
        ("API, 1,000 interfaces", "/api/v1/interfaces/?limit=1000", 250.0),
    ):

        def ask(url: str = url) -> None:
            answer = client.get(url)
            if answer.status_code != 200:
                raise SystemExit(f"{url}: {answer.status_code}")

        found, queries = median_ms(ask, runs)
        yield Line(what, found, target, queries)
    yield bulk_create(client, runs)


def bulk_create(client: Any, runs: int) -> Line:
    """Devices a second that POST of a list makes."""
    from inventory.models import Site

    site = Site.objects.order_by("pk")[0].pk
    number = iter(range(10**6))

    def ask() -> None:
        body = [
            {"name": f"new-{next(number)}", "site": site, "status": "active", "serial": f"N{n}"}
            for n in range(BATCH)
        ]
        answer = client.post("/api/v1/devices/", body, content_type="application/json")
        if answer.status_code != 201:
            raise SystemExit(f"bulk create: {answer.status_code} {answer.content[:300]!r}")

    found, queries = median_ms(ask, runs)
    return Line(f"bulk create by API, {BATCH} at once", BATCH * 1000 / found, 500.0, queries, "/s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--ports", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with servers():
        import django

        django.setup()
        from django.conf import settings

        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        start = time.monotonic()
        fill(options.devices, options.ports)
        print(f"filled in {time.monotonic() - start:.0f} s\n")
        print("| what | median | target | queries | |\n|---|---:|---:|---:|---|")
        good = True
        for line in measure(options.runs):
            good &= line.good
            measured, target = (f"{value:,.0f} {line.unit}" for value in (line.measured, line.target))
            print(
                f"| {line.what} | {measured} | {target} | {line.queries} | {'' if line.good else 'misses'} |"
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
