"""A module for each thing the agent reads. `Collector.read()` asks the system; the rest is pure."""
