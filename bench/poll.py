"""CPU of a sample from poll to stored and evaluated, over all processes; the delay that dead devices cause.

The devices are bench.responder, or a faster program named by ITIM_BENCH_AGENT.

    python -m bench.poll [--devices 1000] [--rounds 5] [--only-dead]

Starts PostgreSQL, Valkey and a Celery worker as the launcher does. Every round, all devices are due at once:
claim, queue, poll, rates, COPY, rules. CPU is user and system time out of /proc, the agent's excluded. In the
same run: pysnmp doing the GETBULKs alone, and one row a sample by COPY.

The delay by dead devices is measured in pairs: the same live devices, polled without and with a tenth more
devices that never answer, in turns, so that whatever else the machine does falls on both.
"""

import argparse
import asyncio
import io
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from pysnmp.hlapi.v1arch.asyncio import CommunityData, SnmpDispatcher, UdpTransportTarget, bulk_cmd
from pysnmp.proto.rfc1902 import Null

from bench import responder
from itim.launcher import parts
from itim.launcher.postgres import Postgres
from itim.launcher.process import end
from itim.launcher.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = [f"1.3.6.1.2.1.31.1.1.1.{column}" for column in (6, 7, 10, 11, 15)]
COLUMNS += [f"1.3.6.1.2.1.2.2.1.{column}" for column in (8, 13, 14, 19, 20)]


def cpu_of(pid: int) -> float:
    """User and system seconds of a process and all its descendants, those that ended included."""
    process = psutil.Process(pid)
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


class Stack:
    """The servers and a worker, in a folder of their own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="itim-bench-"))
        self.folder.chmod(0o755)
        self.postgres = Postgres(self.folder / "data", self.folder / "pg")
        self.valkey = Valkey(self.folder / "valkey", self.folder / "valkey.sock")
        self.port = free_port()
        self.agent = subprocess.Popen([*responder.command(), str(self.port)], cwd=ROOT)
        for server in (self.postgres, self.valkey):
            server.prepare()
            server.start()
            server.wait()
        os.environ["DATABASE_URL"] = self.postgres.url("postgres")
        os.environ["REDIS_URL"] = self.valkey.url()
        os.environ["ITIM_HOME"] = str(self.folder / "home")
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
        command = [sys.executable, "-m", *parts.worker(f"celery,{parts.polling()}")]
        self.worker = subprocess.Popen(command, cwd=ROOT)

    def cpu(self) -> dict[str, float]:
        assert self.postgres.child and self.valkey.child
        found = {"worker": self.worker, "PostgreSQL": self.postgres.child, "Valkey": self.valkey.child}
        return {name: cpu_of(child.pid) for name, child in found.items()}

    def close(self) -> None:
        assert self.postgres.child and self.valkey.child
        end(self.worker)
        end(self.postgres.child, signal.SIGINT)
        end(self.valkey.child)
        end(self.agent)
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_devices(count: int, port: int, first: str) -> list[int]:
    """Devices at 127.<first>.x.y with an SNMP check each; their ids."""
    from core.models import Credential
    from inventory.models import Device
    from monitoring.models import Check

    login, _ = Credential.objects.get_or_create(
        name="bench", defaults={"kind": "snmp-community", "secret": {"community": "public"}}
    )
    devices = Device.objects.bulk_create(
        Device(name=f"sw{first}-{n}", address=f"127.{first}.{n // 250}.{n % 250 + 1}", credential=login)
        if first != "dead"
        else Device(name=f"dead-{n}", address=f"127.0.200.{n + 1}", credential=login)
        for n in range(count)
    )
    checks = Check.objects.bulk_create(
        Check(device=one, kind="snmp", options={"port": port}, next_run=None) for one in devices
    )
    Check.objects.update(next_discovery="2100-01-01T00:00Z")
    return [check.pk for check in checks]


def poll_once(ids: list[int], live: list[int], begin: Callable[[], Any]) -> tuple[float, float]:
    """Let these checks run once; seconds until half of `live` are stored, and until the last is."""
    from django.utils import timezone

    from monitoring.models import Check

    Check.objects.update(next_run="2100-01-01T00:00Z", lease_until=None)
    Check.objects.filter(pk__in=ids).update(next_run=timezone.now())
    start, moment = time.monotonic(), timezone.now()
    begin()
    half = 0.0
    while (stored := Check.objects.filter(pk__in=live, last_run__gte=moment).count()) < len(live):
        if not half and stored * 2 >= len(live):
            half = time.monotonic() - start
        time.sleep(0.02)
        if time.monotonic() - start > 120:
            raise SystemExit("the worker does not come to an end")
    last = time.monotonic() - start
    return half or last, last


def per_sample(stack: Stack, ids: list[int], rounds: int) -> tuple[dict[str, float], int]:
    """CPU-µs a sample by process, medians over rounds; samples a round."""
    from monitoring.models import Series
    from monitoring.tasks import poll_due

    for _ in range(3):
        poll_once(ids, ids, poll_due.delay)
    samples = Series.objects.count()
    rows = []
    for _ in range(rounds):
        time.sleep(1)
        before = stack.cpu()
        poll_once(ids, ids, poll_due.delay)
        time.sleep(1)
        after = stack.cpu()
        rows.append({name: (after[name] - before[name]) / samples * 1e6 for name in after})
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}, samples


async def pysnmp_walks(port: int, devices: int) -> int:
    """The same columns by GETBULK of 25 rows with pysnmp; the number of varbinds used."""
    dispatcher = SnmpDispatcher()
    used = 0
    for number in range(devices):
        target = await UdpTransportTarget.create((f"127.1.0.{number + 1}", port), timeout=5, retries=1)
        for column in COLUMNS:
            at, inside = column, True
            while inside:
                error, status, _, binds = await bulk_cmd(
                    dispatcher, CommunityData("public"), target, 0, 25, (at, Null(""))
                )
                if error or status:
                    raise SystemExit(f"pysnmp: {error or status}")
                names = [str(name) for name, _ in binds]
                mine = [name for name in names if name.startswith(column + ".")]
                used += len(mine)
                inside = len(mine) == len(names)
                at = names[-1]
    dispatcher.close()
    return used


def own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def pysnmp_cost(port: int, devices: int = 20) -> float:
    """CPU-µs a sample of pysnmp's GETBULKs, nothing stored."""
    asyncio.run(pysnmp_walks(port, 2))
    before = own_cpu()
    used = asyncio.run(pysnmp_walks(port, devices))
    return (own_cpu() - before) / used * 1e6


def narrow_cost(stack: Stack, samples: int) -> float:
    """CPU-µs a sample of one row a sample by COPY (text), primary key included; client and server."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE narrow (series bigint, at timestamptz, value float8, PRIMARY KEY (series, at))"
        )
        assert stack.postgres.child
        before, mine = cpu_of(stack.postgres.child.pid), own_cpu()
        text = "".join(f"{number}\t2026-01-01 00:00:00+00\t{number * 0.37}\n" for number in range(samples))
        cursor.copy_expert("COPY narrow FROM STDIN", io.StringIO(text))
        cursor.execute("CHECKPOINT")
        spent = cpu_of(stack.postgres.child.pid) - before + own_cpu() - mine
        cursor.execute("DROP TABLE narrow")
    return spent / samples * 1e6


Times = list[tuple[float, float]]
QUIET = 8.0  # seconds after a run: the dead ones' time-outs


def dead_delay(ids: list[int], dead: list[int], rounds: int) -> tuple[Times, Times]:
    """(half, last) of the live devices by round: without, and with a tenth as many dead ones beside them."""
    from monitoring.tasks import poll_due

    found: tuple[Times, Times] = ([], [])
    wanted = (ids, [*ids, *dead])
    poll_once(wanted[1], ids, poll_due.delay)  # what the first run alone has to do
    time.sleep(QUIET)
    for number in range(rounds):
        for which in (0, 1) if number % 2 else (1, 0):
            found[which].append(poll_once(wanted[which], ids, poll_due.delay))
            time.sleep(QUIET)
    return found


def print_delay(devices: int, without: Times, with_dead: Times) -> None:
    print(f"\n{devices} live devices, {len(without)} pairs of runs in turns; load {os.getloadavg()[0]:.1f}\n")
    print("| stored after, s | none dead | a tenth dead | difference in pairs |\n|---|---:|---:|---:|")
    for place, name in enumerate(("half of the live devices", "the last live device")):
        first, second = ([one[place] for one in times] for times in (without, with_dead))
        pairs = [after - before for before, after in zip(first, second, strict=True)]
        print(f"| {name} | {shown(first)} | {shown(second)} | {shown(pairs)} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only-dead", action="store_true", help="the delay by dead devices alone")
    given = parser.parse_args()
    stack = Stack()
    try:
        measure(stack, given.devices, given.rounds, given.only_dead)
    finally:
        stack.close()


def measure(stack: Stack, devices: int, rounds: int, only_dead: bool) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itim.settings")
    django.setup()
    ids = make_devices(devices, stack.port, "1")
    if not only_dead:
        print_costs(stack, ids, rounds)
    dead = make_devices(devices // 10, stack.port, "dead")
    print_delay(devices, *dead_delay(ids, dead, rounds))


def print_costs(stack: Stack, ids: list[int], rounds: int) -> None:
    costs, samples = per_sample(stack, ids, rounds)
    ours = sum(costs.values())
    rows = [(f"ours: {name}", cost) for name, cost in costs.items()]
    rows += [("ours: all processes", ours)]
    rows += [("pysnmp, the GETBULKs alone", pysnmp_cost(stack.port))]
    rows += [("one row a sample by COPY, storing alone", narrow_cost(stack, samples))]
    print(f"\n{len(ids)} devices, {samples} samples a round, {rounds} rounds (median)\n")
    print("| | CPU-µs a sample | ratio |\n|---|---|---|")
    for name, cost in rows:
        print(f"| {name} | {cost:.2f} | {cost / ours:.2f} |")


def shown(times: list[float]) -> str:
    """Median (quartiles)."""
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
