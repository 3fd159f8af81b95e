"""The table of meters: what can come close to a limit, and from where on that is worth a look."""

from dataclasses import dataclass
from typing import Final

UTILIZATION: Final = "traffic"


@dataclass(frozen=True, slots=True)
class Meter:
    """`floor`: beyond it more than the worst of a device is kept. low: small values are the bad ones.

    ceiling: the value at which the thing is full, None where there is no such end.
    """

    key: str
    label: str
    metrics: tuple[str, ...]
    unit: str
    floor: float
    warn: float
    bad: float
    low: bool = False
    ceiling: float | None = None
    icon: str = "gauge"


_TABLE: Final = (
    Meter("disk", "Disks", ("disk.usage",), "%", 60, 80, 90, ceiling=100, icon="database"),
    Meter(
        UTILIZATION, "Interfaces", ("if.in.octets", "if.out.octets"), "%", 40, 70, 90, icon="plug-connected"
    ),
    Meter("cpu", "CPU", ("cpu.usage",), "%", 60, 80, 95, icon="cpu"),
    Meter("memory", "Memory", ("memory.usage",), "%", 70, 85, 95, icon="stack-2"),
    Meter("battery", "Batteries", ("battery.charge",), "%", 90, 60, 25, low=True, icon="battery-2"),
    Meter("supply", "Printer supplies", ("supply.level",), "%", 40, 20, 8, low=True, icon="droplet"),
    Meter("certificate", "Certificates", ("tls.days",), "d", 45, 21, 7, low=True, icon="certificate"),
)
METERS: Final[dict[str, Meter]] = {meter.key: meter for meter in _TABLE}


def tone(meter: Meter, value: float) -> str:
    """The state of a value by its meter: ok, warn or bad."""
    far = -value if meter.low else value
    warn, bad = (-meter.warn, -meter.bad) if meter.low else (meter.warn, meter.bad)
    return "bad" if far >= bad else "warn" if far >= warn else "ok"
