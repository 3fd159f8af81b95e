"""The agent for this very machine: enrolled by the preparation, run beside the other parts."""

from pathlib import Path


def folder(home: Path) -> Path:
    """The agent's state: its one-time token first, its identity from then on."""
    return home / "agent"


def is_enrolled(home: Path) -> bool:
    return (folder(home) / "identity.json").exists()


def keep_token(home: Path, token: str) -> None:
    """Leave the one-time token where the agent finds it (0600)."""
    place = folder(home)
    place.mkdir(mode=0o700, exist_ok=True)
    file = place / "token"
    file.touch(mode=0o600)
    file.write_text(token)


def forget(home: Path) -> None:
    """After a restore: the database may not know this agent, so that it enrolls anew."""
    for name in ("identity.json", "token"):
        (folder(home) / name).unlink(missing_ok=True)


def command(home: Path, address: str) -> list[str]:
    """How the agent is started; it waits by itself until the server answers."""
    place = folder(home)
    return ["agent", "run", "--server", address, "--state", str(place), "--token-file", str(place / "token")]
