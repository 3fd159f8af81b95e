"""Network interfaces: the same metrics, with the same meaning, as IF-MIB gives by SNMP."""

import re
from collections.abc import Mapping

import psutil

from agent.collectors.part import Part, Value, table
from probes.readings import Column

PASSING = re.compile(r"^(veth|cali|lxc|fwln|fwpr|fwbr|vnet|tap[0-9a-f]{6})")
"""The near ends of containers and virtual machines: they come and go with them, under new names."""


def lasting(name: str) -> bool:
    """Whether the interface belongs to the machine rather than to a guest of it."""
    return not PASSING.match(name)


def up(is_up: bool, flags: str) -> int | None:
    """1 oper up; 0 admin up and oper down; None admin down. Without flags (Windows) down is 0."""
    if is_up:
        return 1
    return None if flags and "up" not in flags.split(",") else 0


def row(counters: Mapping[str, int], is_up: bool, flags: str, speed: int) -> dict[str, Value]:
    """One interface; speed in Mbit/s as psutil gives it, 0 unknown."""
    return {
        "if.in.octets": counters["bytes_recv"],
        "if.out.octets": counters["bytes_sent"],
        "if.in.packets": counters["packets_recv"],
        "if.out.packets": counters["packets_sent"],
        "if.in.errors": counters["errin"],
        "if.out.errors": counters["errout"],
        "if.in.discards": counters["dropin"],
        "if.out.discards": counters["dropout"],
        "if.speed": speed * 1_000_000 or None,
        "if.up": up(is_up, flags),
    }


def columns(rows: dict[str, dict[str, Value]]) -> list[Column]:
    """By interface name, without those of guests."""
    return table({name: row for name, row in sorted(rows.items()) if lasting(name)})


class Collector:
    def read(self) -> Part:
        states = psutil.net_if_stats()
        counters = psutil.net_io_counters(pernic=True, nowrap=False)
        rows = {}
        for name, state in states.items():
            if name in counters:
                flags = getattr(state, "flags", "")
                rows[name] = row(counters[name]._asdict(), state.isup, flags, state.speed)
        return Part(columns(rows), {})
