"""Where sweeps live: an interface (base) and its PostgreSQL implementation."""

from monitoring.store.base import PART, POINTS, Current, Points, Rows, Store
from monitoring.store.postgres import PostgresStore

store: Store = PostgresStore()

__all__ = ["PART", "POINTS", "Current", "Points", "Rows", "Store", "store"]
