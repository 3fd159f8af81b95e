"""Discovery of many simulated agents: one JSON file a recording, by the client and code that poll devices."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from probes.credentials import SnmpCommunity
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.discover import discover
from probes.snmp.errors import SnmpError
from probes.snmp.found import Found
from probes.target import Target

SUFFIX = ".snmprec"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"


class ExportError(Exception):
    """The export cannot be done: one clear line."""


@dataclass(slots=True)
class Outcome:
    """How an export went: names of the recordings that were written, and errors by name of the others."""

    written: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def recordings(folder: Path) -> list[str]:
    """The names of the recordings in `folder`, which are their communities. Raises ExportError for none."""
    if not folder.is_dir():
        raise ExportError(f"{folder} is no folder")
    names = sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))
    if not names:
        raise ExportError(f"{folder} holds no *{SUFFIX}")
    return names


async def export(
    names: list[str],
    out: Path,
    host: str,
    port: int,
    concurrent: int = 8,
    report: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Discover each of `names` at host:port and write `out`/NAME.json.

    Raises ExportError when nobody answers for the first recording, or `out` cannot be written.
    """
    _prepare(out)
    outcome = Outcome()
    gate = asyncio.Semaphore(concurrent)

    async def one(name: str) -> None:
        async with gate:
            try:
                found = await _found(name, host, port)
            except SnmpError as error:
                outcome.failed[name] = str(error)
                report(f"{name}: {error}")
                return
        (out / f"{name}.json").write_text(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
        outcome.written.append(name)
        report(f"{name}: {found.device.os_text or 'unknown'}, {len(found.problems)} problems")

    await asyncio.gather(*(one(name) for name in names))
    if not outcome.written:
        raise ExportError(f"no recording was answered for at {host}:{port}: {outcome.failed[names[0]]}")
    return outcome


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}") from error


async def _found(name: str, host: str, port: int) -> Found:
    settings = SnmpSettings(port=port, timeout=3.0)
    async with SnmpClient(Target(host, name), SnmpCommunity(name), settings) as client:
        await client.get([SYS_OBJECT_ID])  # nobody there: an error, rather than a device that has nothing
        return await discover(client)
