"""Memory and swap."""

from collections.abc import Mapping

import psutil

from agent.collectors.part import Part, Value, percent, scalar
from probes.readings import Column

Bytes = Mapping[str, int | float]


def columns(memory: Bytes) -> list[Column]:
    """Used is what no program could get any more: total without available."""
    total, available = memory["total"], memory["available"]
    values: dict[str, Value] = {
        "memory.total": total,
        "memory.available": available,
        "memory.used": total - available,
        "memory.usage": percent(total - available, total),
        "memory.buffers": memory.get("buffers"),
        "memory.cached": memory.get("cached"),
    }
    return [scalar(metric, value) for metric, value in values.items() if value is not None]


def swap_columns(swap: Bytes) -> list[Column]:
    """Size, use, and bytes swapped in and out since the start; a machine without swap has a usage of 0."""
    return [
        scalar("swap.total", swap["total"]),
        scalar("swap.used", swap["used"]),
        scalar("swap.usage", percent(swap["used"], swap["total"]) or 0.0),
        scalar("swap.in.bytes", swap["sin"]),
        scalar("swap.out.bytes", swap["sout"]),
    ]


class Collector:
    def read(self) -> Part:
        memory = psutil.virtual_memory()._asdict()
        return Part(columns(memory) + swap_columns(psutil.swap_memory()._asdict()), {})
