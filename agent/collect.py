"""One reading of this machine: every collector in turn; one that fails spoils nothing but its own part."""

import math
import time
from collections.abc import Iterable
from typing import Any, Protocol

from agent.collectors import cpu, disks, memory, network, own, processes, sensors, services, system
from agent.collectors.part import Part, Value
from probes.readings import Column, Readings

DIGITS = 3
NOTE_LENGTH = 500


class Collector(Protocol):
    def read(self) -> Part: ...


class Machine:
    """The collectors and what they remember between readings. Make it at least a second before reading."""

    def __init__(self, watched: Iterable[str] = ()) -> None:
        self.processes = processes.Collector(watched)
        self.collectors: dict[str, Collector] = {
            "cpu": cpu.Collector(),
            "memory": memory.Collector(),
            "disks": disks.Collector(),
            "network": network.Collector(),
            "sensors": sensors.Collector(),
            "processes": self.processes,
            "services": services.Collector(),
            "system": system.Collector(),
            "own": own.Collector(),
        }

    def read(self) -> Readings:
        """All columns of now. What a collector could not read stands in the notes as "error.NAME"."""
        begun = time.monotonic()
        columns: list[Column] = []
        notes: dict[str, str] = {}
        for name, collector in self.collectors.items():
            try:
                part = collector.read()
            except Exception as error:  # whatever a driver or /proc comes up with must not end monitoring
                notes[f"error.{name}"] = f"{type(error).__name__}: {error}"[:NOTE_LENGTH]
                continue
            columns += part.columns
            notes.update(part.notes)
        return Readings(
            columns=columns, duration=time.monotonic() - begun, notes=notes, uptime=system.uptime()
        )


def plain(value: Value) -> Value:
    """As JSON can say it: no NaN, no infinity, no more digits than anyone reads."""
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value


def sweep(readings: Readings, at: float) -> dict[str, Any]:
    """A reading as the report's JSON has it; `at` in unix seconds."""
    return {
        "at": round(at, DIGITS),
        "columns": [
            {
                "metric": column.metric,
                "instances": list(column.instances),
                "values": [plain(value) for value in column.values],
            }
            for column in readings.columns
        ],
        "uptime": plain(readings.uptime),
        "notes": {name: text[:NOTE_LENGTH] for name, text in readings.notes.items() if text},
    }
