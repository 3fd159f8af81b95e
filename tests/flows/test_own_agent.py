"""`manage.py up` on a new home: this machine's own agent enrolls by itself and its readings arrive."""

import tempfile
from pathlib import Path

import pytest

from tests.flows.up import Up, run, until

pytestmark = pytest.mark.flow
STORED = (
    "from monitoring.models import Agent, Series; "
    "print(Agent.objects.count(), Series.objects.filter(metric='cpu.usage').count())"
)


def test_this_machine_shows_itself() -> None:
    with tempfile.TemporaryDirectory(prefix="itim-up-") as folder:
        home = Path(folder) / "home"
        with Up(home, ITIM_AGENT="yes") as up:
            up.await_all()
            until(
                lambda: run(["shell", "-v0", "-c", STORED], home).stdout.split()[-2:] == ["1", "1"],
                "readings",
            )
            up.stop()
        with Up(home, ITIM_AGENT="yes") as up:
            up.await_ready()
            assert "prepare" not in up.text, "an enrolled agent needs no second token"
