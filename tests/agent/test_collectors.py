"""What the collectors make of the system's answers: tables of plain data, folders that look like /proc."""

from pathlib import Path
from typing import Any

import pytest

from agent.collect import Machine, plain, sweep
from agent.collectors import cpu, disks, memory, network, own, processes, sensors, services, system
from agent.collectors.disks import Mount, Space
from agent.collectors.part import Part, scalar, table, unique
from agent.collectors.processes import Process
from probes.metrics import METRICS
from probes.readings import Column, Readings


def value(columns: list[Column], metric: str, instance: str = "") -> Any:
    (column,) = [column for column in columns if column.metric == metric]
    return column.values[column.instances.index(instance)]


def core(user: float, idle: float, **others: float) -> dict[str, float]:
    return {"user": user, "idle": idle, **others}


def test_cpu_by_core_and_mode() -> None:
    before = [core(10, 90, iowait=0, guest=5), core(10, 90, iowait=0, guest=5)]
    now = [core(13, 97, iowait=0, guest=8), core(10, 95, iowait=5, guest=5)]
    columns = cpu.columns(before, now)
    assert value(columns, "cpu.usage") == pytest.approx(15.0)
    assert value(columns, "cpu.core.usage", "0") == pytest.approx(30.0)
    assert value(columns, "cpu.core.usage", "1") == 0.0
    assert value(columns, "cpu.mode", "iowait") == pytest.approx(25.0)
    assert next(column for column in columns if column.metric == "cpu.mode").instances == (
        "user",
        "idle",
        "iowait",
    )


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([core(1, 1)], [core(2, 2), core(2, 2)]),  # a core came
        ([core(1, 1)], [core(1, 1)]),  # no time went by
        ([core(9, 9)], [core(1, 1)]),  # counters went back
    ],
)
def test_cpu_without_a_comparison_is_no_value(before: list, now: list) -> None:
    columns = cpu.columns(before, now)
    assert value(columns, "cpu.usage") is None
    assert len(next(c for c in columns if c.metric == "cpu.core.usage").values) == len(now)


def test_memory_counts_what_no_program_could_get() -> None:
    columns = memory.columns({"total": 1000, "available": 250, "buffers": 7})
    assert value(columns, "memory.used") == 750
    assert value(columns, "memory.usage") == 75.0
    assert "memory.cached" not in {column.metric for column in columns}


def test_no_swap_is_not_full_swap() -> None:
    assert value(memory.swap_columns({"total": 0, "used": 0, "sin": 0, "sout": 0}), "swap.usage") == 0.0


def test_mounts_of_one_device_count_once() -> None:
    mounts = [
        Mount("/dev/sda1", "/var/lib/docker/bind", "ext4"),
        Mount("/dev/sda1", "/", "ext4"),
        Mount("/dev/loop3", "/snap/core/1", "squashfs"),
        Mount("/dev/sdb", "/data", "btrfs"),
        Mount("/dev/sdb", "/backup", "btrfs"),
        Mount("/dev/sr0", "/media/cd", "iso9660"),
    ]
    assert [mount.point for mount in disks.distinct(mounts)] == ["/", "/data"]


@pytest.mark.parametrize(
    ("space", "usage", "inodes"),
    [
        (Space(1000, 450, 450, 100, 25), 50.0, 75.0),  # a tenth is kept for root, as df counts
        (Space(1000, 1000, 0, 0, 0), 100.0, None),  # btrfs has no inodes to run out of
    ],
)
def test_space(space: Space, usage: float, inodes: float | None) -> None:
    columns = disks.space_columns({"/": space})
    assert value(columns, "disk.usage", "/") == usage
    assert value(columns, "disk.inodes.usage", "/") == inodes


def test_only_whole_disks(tmp_path: Path) -> None:
    for name in ("sda", "nvme0n1", "loop0", "dm-0", "sr0", "zram0", "md0"):
        (tmp_path / name).mkdir()
    names = ["sda", "sda1", "nvme0n1", "nvme0n1p1", "loop0", "dm-0", "sr0", "zram0", "md0"]
    assert disks.whole_disks(names, tmp_path) == ["sda", "nvme0n1", "md0"]


@pytest.mark.parametrize(
    ("before", "now", "elapsed", "busy"),
    [(1000, 3000, 10.0, 20.0), (0, 99_999, 1.0, 100.0), (5, 1, 1.0, 0.0), (0, 1, 0.0, None)],
)
def test_busy_disks(before: int, now: int, elapsed: float, busy: float | None) -> None:
    columns = disks.busy_column({"sda": {"busy_time": before}}, {"sda": {"busy_time": now}}, elapsed)
    assert columns[0].values == [busy]


@pytest.mark.parametrize(
    ("is_up", "flags", "state"),
    [
        (True, "up,broadcast,running", 1),
        (False, "up,broadcast", 0),
        (False, "broadcast", None),
        (False, "", 0),
    ],
)
def test_interfaces_are_up_down_or_switched_off(is_up: bool, flags: str, state: int | None) -> None:
    assert network.up(is_up, flags) == state


def test_interfaces_speak_as_snmp_does() -> None:
    names = [
        *("bytes_recv", "bytes_sent", "packets_recv", "packets_sent"),
        *("errin", "errout", "dropin", "dropout"),
    ]
    counters = {name: number for number, name in enumerate(names, start=2**40)}
    columns = network.columns({"eth0": network.row(counters, True, "", 1000), "veth12ab": {}, "calif0": {}})
    assert all(column.instances == ("eth0",) for column in columns)
    assert value(columns, "if.in.octets", "eth0") == 2**40
    assert value(columns, "if.speed", "eth0") == 1_000_000_000
    assert network.row(counters, True, "", 0)["if.speed"] is None


def test_sensors_of_one_name_are_told_apart() -> None:
    columns = sensors.temperature_columns(
        {"coretemp": [("Core 0", 40.0), ("Core 0", 41.0)], "nvme": [("", 65535)]}
    )
    assert columns == [
        Column("temperature", ("coretemp Core 0", "coretemp Core 0#2", "nvme"), [40.0, 41.0, None])
    ]
    assert sensors.sensor_column("fan", {}) == []


def test_battery() -> None:
    columns = sensors.battery_columns(80.0, None, True)
    assert value(columns, "battery.charge") == 80.0
    assert value(columns, "battery.mains") == 1


def stat(pid: int, name: str, state: str = "S", cpu: int = 0, started: int = 1, pages: int = 1) -> str:
    """A line of /proc/PID/stat with three threads (proc(5) numbers the fields)."""
    return f"{pid} ({name}) {state} 1 1 1 0 -1 0 0 0 0 0 {cpu} 0 0 0 20 0 3 0 {started} 0 {pages} 0 0 0\n"


def make_proc(root: Path, stats: dict[int, str], lines: dict[int, bytes] | None = None) -> Path:
    for pid, text in stats.items():
        (root / str(pid)).mkdir(parents=True)
        (root / str(pid) / "stat").write_text(text)
        (root / str(pid) / "cmdline").write_bytes((lines or {}).get(pid, b""))
    return root


def test_processes_from_a_proc_folder(tmp_path: Path) -> None:
    long = "systemd-journal"
    stats = {
        1: stat(1, "init"),
        20: stat(20, "a (b) c", cpu=500),
        21: stat(21, long),
        22: "damaged",
        23: stat(23, "dead", state="Z"),
    }
    proc = make_proc(tmp_path, stats, {21: b"/lib/systemd/systemd-journald\0--x\0"})
    (proc / "self").mkdir()
    (proc / "99").mkdir()  # ended while we looked
    found = {process.pid: process for process in processes.from_proc(proc)}
    assert {pid: process.name for pid, process in found.items()} == {
        1: "init",
        20: "a (b) c",
        21: "systemd-journald",
        23: "dead",
    }
    assert found[20].cpu == pytest.approx(5.0, rel=0.1)  # 100 ticks a second on every Linux we know
    columns = processes.columns(found.values(), ["init", "nginx", "dead", "init", ""])
    assert value(columns, "process.count") == 4
    assert value(columns, "process.count", "init") == 1
    assert value(columns, "process.count", "nginx") == 0
    assert value(columns, "process.count", "dead") == 0, "a zombie does no work"
    assert value(columns, "process.zombies") == 1
    assert value(columns, "process.threads") == 12


def process(pid: int, cpu: float = 0.0, started: float = 1.0, memory: int = 0) -> Process:
    return Process(pid, f"p{pid}", "S", started, cpu, memory, 1)


def test_the_busiest_since_the_reading_before() -> None:
    before = {1: (1.0, 100.0), 2: (1.0, 0.0), 3: (1.0, 50.0)}
    now = [process(1, 100.0), process(2, 5.0), process(3, 2.0, started=9.0), process(4, 1.0)]
    shares = processes.by_cpu(before, now, 10.0)
    assert [(share.pid, share.percent) for share in shares] == [(2, 50.0), (3, 20.0), (4, 10.0)]
    assert processes.by_cpu(before, now, 0.0) == []
    assert processes.line(shares).startswith("p2[2] 50.0 %, p3[3]")


def test_the_five_largest() -> None:
    shares = processes.by_memory([process(n, memory=n * 10) for n in range(9)], 1000)
    assert [share.pid for share in shares] == [8, 7, 6, 5, 4]
    assert shares[0].percent == 8.0


UNITS = """\
  cron.service             loaded    active   running Regular background program
● nginx.service            loaded    failed   failed  A web server
  plymouth.service         not-found inactive dead    plymouth.service
  getty@tty1.service       loaded    inactive dead    Getty on tty1
"""


def test_units_of_systemd() -> None:
    units = services.parse_units(UNITS)
    assert units == {"cron": "active", "nginx": "failed", "getty@tty1": "inactive"}
    columns = services.columns(units)
    assert value(columns, "service.count") == 3
    assert value(columns, "service.failed") == 1


@pytest.mark.parametrize(
    ("running", "installed", "newer"),
    [
        ("6.1.0-21-amd64", ["6.1.0-21-amd64", "6.1.0-25-amd64"], "6.1.0-25-amd64"),
        ("6.1.0-9-amd64", ["6.1.0-9-amd64", "6.1.0-10-amd64"], "6.1.0-10-amd64"),
        ("6.1.0-25-amd64", ["6.1.0-21-amd64", "6.1.0-25-amd64"], ""),
        ("6.1.0-21-amd64", ["6.1.0-21-amd64", "6.9.0-1-cloud-amd64"], ""),
        ("5.15.0-91-generic", ["5.15.0-91-generic", "5.15.0-94-generic"], "5.15.0-94-generic"),
        (
            "5.14.0-362.8.1.el9_3.x86_64",
            ["5.14.0-362.8.1.el9_3.x86_64", "5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.1.el9.x86_64+debug"],
            "5.14.0-427.13.1.el9_4.x86_64",
        ),
    ],
)
def test_a_newer_kernel_waits(running: str, installed: list[str], newer: str) -> None:
    assert system.newer_kernel(running, installed) == newer


def test_reasons_for_a_restart(tmp_path: Path) -> None:
    modules, request = tmp_path / "modules", tmp_path / "reboot-required"
    assert system.reboot_reason([request], "6.1.0-1-amd64", modules) == ""
    for release in ("6.1.0-1-amd64", "6.1.0-2-amd64"):
        (modules / release).mkdir(parents=True)
        (modules / release / "modules.dep").touch()
    assert "6.1.0-2-amd64 is installed" in system.reboot_reason([request], "6.1.0-1-amd64", modules)
    assert system.reboot_reason([request], "6.0.0-of-the-host", modules) == "", "we are in a container"
    request.touch()
    assert system.reboot_reason([request], "x", modules) == "requested by the system"
    (tmp_path / "reboot-required.pkgs").write_text("linux-base\nlibc6\nlinux-base\n")
    assert system.reboot_reason([request], "x", modules) == "requested by libc6, linux-base"


def test_the_agents_size() -> None:
    rollup = "00400000-7fff [rollup]\nRss:  900 kB\nPss:   512 kB\nPss_Dirty: 100 kB\n"
    assert own.proportional_size(rollup) == 512 * 1024
    assert own.proportional_size("") is None


def test_rows_become_columns() -> None:
    assert table({"a": {"x": 1}, "b": {"x": 2, "y": 3}}) == [
        Column("x", ("a", "b"), [1, 2]),
        Column("y", ("a", "b"), [None, 3]),
    ]
    assert unique(["a", "b", "a", "a"]) == ["a", "b", "a#2", "a#3"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [(1.23456, 1.235), (float("nan"), None), (float("inf"), None), (2**64 - 1, 2**64 - 1), (None, None)],
)
def test_values_as_json_can_say_them(given: Any, sent: Any) -> None:
    assert plain(given) == sent


def test_a_sweep_of_the_wire() -> None:
    readings = Readings(columns=[scalar("uptime", 5.0)], notes={"a": "b", "empty": ""}, uptime=5.0)
    assert sweep(readings, 1700000000.12345) == {
        "at": 1700000000.123,
        "columns": [{"metric": "uptime", "instances": [""], "values": [5.0]}],
        "uptime": 5.0,
        "notes": {"a": "b"},
    }


def test_a_collector_that_fails_spoils_only_its_own_part() -> None:
    class Broken:
        def read(self) -> Part:
            raise OSError("no such driver")

    machine = Machine()
    machine.collectors["sensors"] = Broken()
    readings = machine.read()
    assert readings.notes["error.sensors"] == "OSError: no such driver"
    assert value(readings.columns, "memory.total") > 0


def test_every_metric_of_this_machine_is_in_the_table() -> None:
    readings = Machine(["init"]).read()
    assert {column.metric for column in readings.columns} <= set(METRICS)
    assert all(len(column.instances) == len(column.values) for column in readings.columns)
