"""The first contact: a one-time token against this machine's own key."""

import platform
import socket
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent import VERSION
from agent.backoff import Backoff
from agent.client import Client, Enrolled, Refused, Unavailable, Unwelcome
from agent.inventory.files import first_line
from agent.inventory.operating_system import title
from agent.journal import Journal
from agent.problem import REFUSED, Problem
from agent.state import Identity, State, merged, write_whole

MACHINE_IDS = ("etc/machine-id", "var/lib/dbus/machine-id", "sys/class/dmi/id/product_uuid")


def machine_id(state: Path, root: Path = Path("/")) -> str:
    """What stays when the name changes: machine-id(5), the board's UUID, else one made and kept here."""
    for path in MACHINE_IDS:
        if found := first_line(root / path):
            return found
    kept = state / "machine-id"
    if not (found := first_line(kept)):
        found = uuid.uuid4().hex
        write_whole(kept, found.encode())
    return found


def facts(state: Path) -> dict[str, str]:
    """How this machine introduces itself."""
    system = title() if sys.platform == "linux" else f"{platform.system()} {platform.release()}"
    return {
        "hostname": socket.gethostname(),
        "machine_id": machine_id(state),
        "agent_version": VERSION,
        "os": system,
    }


def enroll(state: State, client: Client, token: str, ca: str = "") -> Identity:
    """Trades the token for a key and keeps it. Raises Unavailable; Problem when the server says no."""
    if not token:
        raise Problem("an enrollment token is needed: create one on the server under Monitoring, Agents")
    try:
        answer: Enrolled = client.enroll(token, facts(state.folder))
    except Unwelcome as error:
        raise Problem(f"the server refuses the enrollment token: {error}", REFUSED) from None
    except Refused as error:
        raise Problem(f"the server refuses the enrollment: {error}", REFUSED) from None
    identity = Identity(client.server, answer.agent_id, answer.key, ca)
    state.save_identity(identity)
    state.save_config(merged(state.config(), {"interval": answer.interval}))
    return identity


def enroll_patiently(
    state: State,
    client: Client,
    token: Callable[[], str],
    ca: str,
    journal: Journal,
    wait: Callable[[float], bool],
) -> Identity | None:
    """Tries until the server (or the token's file) is there. None when `wait` says to stop."""
    backoff = Backoff()
    while True:
        try:
            identity = enroll(state, client, token(), ca)
        except Unavailable as error:
            journal.trouble("enroll", f"not enrolled yet, trying on: {error}")
        else:
            journal.say(f"enrolled at {identity.server} as agent {identity.agent_id}")
            return identity
        if wait(backoff.next()):
            return None


def read_token(path: Path) -> str:
    """The token in a file. Raises Unavailable without it: who starts us may still write it."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"the token file {path} cannot be read: {error}") from None
    if not token:
        raise Unavailable(f"the token file {path} is empty")
    return token


def moved(state: State, identity: Identity, server: str, ca: str) -> Identity:
    """The identity at the address and CA given now; kept when they changed."""
    now = replace(identity, server=server or identity.server, ca=ca or identity.ca)
    if now != identity:
        state.save_identity(now)
    return now
