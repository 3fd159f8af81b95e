"""The embedded PostgreSQL for one command, while `up` does not run (backup, restore)."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from itim.environment import socket_folder, value
from itim.launcher import household
from itim.launcher.postgres import Postgres
from itim.launcher.process import end


def is_embedded() -> bool:
    """Whether the database is ours to start."""
    return not value("DATABASE_URL")


@contextmanager
def database(exclusive: bool = False) -> Iterator[None]:
    """The database answers inside. `exclusive`: nobody may run ITIM in this home meanwhile (LaunchProblem).

    A given DATABASE_URL answers by itself, and so does the server of a running `up`.
    """
    folder = household.settle()
    if not exclusive and (not is_embedded() or household.runs(folder)):
        yield
        return
    with household.lock(folder, "backup or restore"):
        if not is_embedded():
            yield
            return
        server = Postgres(folder / "postgres", socket_folder() / "pg")
        server.prepare()
        child = server.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            server.wait()
            yield
        finally:
            end(child, signal.SIGINT, patience=30)
