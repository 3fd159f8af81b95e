"""The agent for this very machine: enrolled by the preparation, run beside the other parts."""

import importlib.util
from pathlib import Path

ENROLLMENT = "agent"


def command(home: Path, address: str) -> list[str] | None:
    """How the agent is started, None where it is not enrolled (ITIM_AGENT=no, or no agent in this tree)."""
    folder = home / ENROLLMENT
    if not (folder / "token").exists() or importlib.util.find_spec("agent.__main__") is None:
        return None
    return [
        "agent",
        "run",
        "--server",
        address,
        "--state",
        str(folder),
        "--token-file",
        str(folder / "token"),
    ]
