"""File systems (space, inodes) and disks (input and output)."""

import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import psutil

from agent.collectors.part import Part, Value, percent, table
from probes.readings import Column

READ_ONLY_IMAGES = frozenset({"squashfs", "iso9660", "udf", "cramfs", "erofs"})  # always full
NOT_A_DISK = re.compile(r"^(loop|ram|zram|sr|fd|nbd|dm-|ifb)\d*")


class Mount(NamedTuple):
    device: str
    point: str
    fstype: str


class Space(NamedTuple):
    """Bytes and inodes of one file system. `free` is what ordinary users may take; inodes 0: has none."""

    total: int
    used: int
    free: int
    inodes: int = 0
    inodes_free: int = 0


def distinct(mounts: Iterable[Mount]) -> list[Mount]:
    """One mount a device, the shortest path: bind mounts, snaps and images show the same space again."""
    best: dict[str, Mount] = {}
    for mount in sorted(mounts, key=lambda mount: (len(mount.point), mount.point)):
        if mount.fstype not in READ_ONLY_IMAGES:
            best.setdefault(mount.device or mount.point, mount)
    return list(best.values())


def space_columns(spaces: Mapping[str, Space]) -> list[Column]:
    """By mount point. Usage as df counts it: used of what is used or may still be taken."""
    return table({point: space_row(space) for point, space in spaces.items()})


def space_row(space: Space) -> dict[str, Value]:
    return {
        "disk.total": space.total,
        "disk.used": space.used,
        "disk.usage": percent(space.used, space.used + space.free),
        "disk.inodes.usage": percent(space.inodes - space.inodes_free, space.inodes),
    }


def counters_columns(counters: Mapping[str, Mapping[str, int]]) -> list[Column]:
    """By disk, since the start of the machine."""
    return table(
        {
            name: {
                "disk.read.bytes": disk["read_bytes"],
                "disk.write.bytes": disk["write_bytes"],
                "disk.read.operations": disk["read_count"],
                "disk.write.operations": disk["write_count"],
            }
            for name, disk in counters.items()
        }
    )


def busy_column(
    before: Mapping[str, Mapping[str, int]], now: Mapping[str, Mapping[str, int]], elapsed: float
) -> list[Column]:
    """Share of the time in which a disk had work, in percent (Linux's io_ticks, in milliseconds)."""
    if not any("busy_time" in disk for disk in now.values()):
        return []
    values = [
        min(100.0, max(0.0, (disk["busy_time"] - before[name]["busy_time"]) / 10.0 / elapsed))
        if name in before and elapsed > 0
        else None
        for name, disk in now.items()
    ]
    return [Column("disk.busy", tuple(now), values)]


def whole_disks(names: Iterable[str], blocks: Path = Path("/sys/block")) -> list[str]:
    """The disks among the names: no partitions, loops, RAM disks, optical drives, nor what lies on a disk."""
    return [name for name in names if not NOT_A_DISK.match(name) and (blocks / name).exists()]


def mounted() -> list[Mount]:
    """File systems on devices (and ZFS). Not those of the network: a server that is away would block us."""
    mounts = [
        Mount(part.device, part.mountpoint, part.fstype)
        for part in psutil.disk_partitions(all=False)
        if Path(part.mountpoint).is_dir()
    ]
    if sys.platform != "win32" and all(mount.point != "/" for mount in mounts):
        mounts.append(Mount("/", "/", ""))  # a container's root lies on no device
    return distinct(mounts)


def space(point: str) -> Space:
    """Raises OSError."""
    if not hasattr(os, "statvfs"):
        usage = psutil.disk_usage(point)
        return Space(usage.total, usage.used, usage.free)
    stat = os.statvfs(point)
    unit = stat.f_frsize
    used = (stat.f_blocks - stat.f_bfree) * unit
    return Space(stat.f_blocks * unit, used, stat.f_bavail * unit, stat.f_files, stat.f_ffree)


def spaces() -> dict[str, Space]:
    """By mount point; what cannot be read (a drive without medium) or has no size is left out."""
    found = {}
    for mount in mounted():
        try:
            size = space(mount.point)
        except OSError:
            continue
        if size.total:
            found[mount.point] = size
    return found


def counters() -> dict[str, dict[str, int]]:
    """psutil's counters by whole disk."""
    disks = psutil.disk_io_counters(perdisk=True) or {}
    names = whole_disks(disks) if sys.platform == "linux" else list(disks)
    return {name: disks[name]._asdict() for name in sorted(names)}


class Collector:
    """Remembers the disks' busy time."""

    def __init__(self) -> None:
        self._before, self._at = counters(), time.monotonic()

    def read(self) -> Part:
        now, at = counters(), time.monotonic()
        busy = busy_column(self._before, now, at - self._at)
        self._before, self._at = now, at
        return Part(space_columns(spaces()) + counters_columns(now) + busy, {})
