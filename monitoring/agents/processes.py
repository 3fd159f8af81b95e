"""The processes that take most of a machine, out of the notes of its agent's last sweep.

An agent says them as text for people, "postgres[812] 12.5 %, …". Names come from the machine: anybody there
may call a process whatever they like.
"""

import re
from datetime import UTC, datetime
from typing import Any

from monitoring.facts import clip
from monitoring.models import Agent

NOTES = {"cpu": "top.cpu", "memory": "top.memory"}
LONGEST = 500  # letters of a note, as agents cut them
NAME_LENGTH = 64
MOST = 5
SHARE = re.compile(r"(.*?)\[(\d{1,10})\] (\d{1,7}(?:\.\d{1,3})?) %(?:, |$)", re.DOTALL)


def contained(notes: Any) -> dict[str, str]:
    """Of a sweep's notes those that we know, cut to length; {} where there are none or they are no object."""
    if not isinstance(notes, dict):
        return {}
    return {name: text[:LONGEST] for name in NOTES.values() if isinstance(text := notes.get(name), str)}


def shares(line: str) -> list[dict[str, Any]]:
    """name, pid and percent of each process of a note; what a cut left incomplete is left out."""
    found = SHARE.findall(line[:LONGEST])[:MOST]
    return [
        {"name": clip(name, NAME_LENGTH) or "?", "pid": int(pid), "percent": float(percent)}
        for name, pid, percent in found
    ]


def keep(agent: Agent, at: float, notes: dict[str, str]) -> None:
    """Keep the newest reading alone; `at` in epoch seconds. One that says nothing leaves what is there."""
    said = {key: shares(notes.get(note, "")) for key, note in NOTES.items()}
    moment = datetime.fromtimestamp(at, UTC)
    if any(said.values()) and (agent.processes_at is None or agent.processes_at < moment):
        Agent.objects.filter(pk=agent.pk).update(top_processes=said, processes_at=moment)
