"""Temperatures, fans and battery, where the machine has them."""

from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from agent.collectors.part import Part, scalar, unique
from probes.readings import Column

Sensors = Mapping[str, Sequence[tuple[str, float]]]
"""Chip → (label, value)."""

BELIEVABLE = (-100.0, 250.0)  # °C; chips without a probe give values such as -273 or 65535


def sensor_column(metric: str, sensors: Sensors) -> list[Column]:
    """One column by "chip label", unique; none where there is no sensor."""
    pairs = [(f"{chip} {label}".strip(), value) for chip, found in sensors.items() for label, value in found]
    if not pairs:
        return []
    names = unique([name for name, _ in pairs])
    return [Column(metric, tuple(names), [value for _, value in pairs])]


def temperature_columns(sensors: Sensors) -> list[Column]:
    """In °C; what no machine survives is no value."""
    low, high = BELIEVABLE
    columns = sensor_column("temperature", sensors)
    for column in columns:
        values = [value if value is not None and low < value < high else None for value in column.values]
        return [Column(column.metric, column.instances, values)]
    return columns


def battery_columns(charge: float | None, seconds: float | None, plugged: bool | None) -> list[Column]:
    """Charge in percent, seconds left (None: unknown or charging), 1 when on mains."""
    columns = [scalar("battery.charge", charge), scalar("battery.remaining", seconds)]
    return [*columns, scalar("battery.mains", None if plugged is None else int(plugged))]


def pairs(sensors: Mapping[str, Sequence[Any]]) -> dict[str, list[tuple[str, float]]]:
    """psutil's answer as plain pairs."""
    return {chip: [(sensor.label, sensor.current) for sensor in found] for chip, found in sensors.items()}


class Collector:
    def read(self) -> Part:
        columns = []
        if hasattr(psutil, "sensors_temperatures"):
            columns += temperature_columns(pairs(psutil.sensors_temperatures()))
        if hasattr(psutil, "sensors_fans"):
            columns += sensor_column("fan", pairs(psutil.sensors_fans()))
        battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
        if battery:
            left = battery.secsleft if battery.secsleft >= 0 else None
            columns += battery_columns(battery.percent, left, battery.power_plugged)
        return Part(columns, {})
