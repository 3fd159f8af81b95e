"""What rules may look at: every metric that is read, and those that upkeep works out itself."""

from typing import Final

from probes.metrics import METRICS, Metric

AGE: Final = Metric("check.age", "Time since the last answer", "s")
RULED: Final = {**METRICS, AGE.name: AGE}
