"""An agent's report: unpacked within bounds, checked sweep by sweep, ingested."""

import json
import math
import zlib
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from core import history
from monitoring.agents import processes
from monitoring.agents.enrollment import INTERVAL, check_of
from monitoring.agents.inventory import save_inventory
from monitoring.ingest import SweepInput, ingest
from monitoring.layout import clean
from monitoring.models import Agent
from probes.metrics import METRICS
from probes.readings import Column, Readings

PACKED, PLAIN = 2 * 2**20, 16 * 2**20  # bytes
MOST_SWEEPS, MOST_COLUMNS, MOST_VALUES = 200, 500, 5000  # agents send 100 at once
MOST_NESTED, MOST_VALUES_IN_ALL = 100_000, 1_000_000
"""Objects and lists, and values, of a body. 16 MB of "{}," would be 5 million objects: 350 MB."""


class ReportError(Exception):
    """The report as a whole cannot be taken; `status` is the HTTP answer's."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a report."""

    accepted: int
    duplicates: int
    rejected: list[dict[str, Any]]
    send_inventory: bool


def unpack(body: bytes, packed: bool) -> dict[str, Any]:
    """The report out of a request's body; a small body that unpacks to a huge one is refused on the way."""
    if len(body) > PACKED:
        raise ReportError(413, f"a report may have {PACKED} bytes")
    if packed:
        body = _inflate(body)
    _refuse_many_parts(body)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ReportError(400, "the body is not JSON") from None
    if not isinstance(data, dict) or data.get("version") != 1:
        raise ReportError(400, "the body is no report of version 1")
    if not isinstance(data.get("sweeps", []), list) or len(data.get("sweeps", [])) > MOST_SWEEPS:
        raise ReportError(400, f"sweeps: a list of at most {MOST_SWEEPS} is needed")
    return data


def _refuse_many_parts(body: bytes) -> None:
    """Counted in the text, before anything is built of it; signs inside of texts count as well."""
    if body.count(b"{") + body.count(b"[") > MOST_NESTED:
        raise ReportError(400, f"the body may have {MOST_NESTED} objects and lists")
    if body.count(b",") + body.count(b":") > MOST_VALUES_IN_ALL:
        raise ReportError(400, f"the body may have {MOST_VALUES_IN_ALL} values")


def _inflate(body: bytes) -> bytes:
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = stream.decompress(body, PLAIN)
    except zlib.error:
        raise ReportError(400, "the body is not gzip") from None
    if stream.unconsumed_tail:
        raise ReportError(413, f"a report may have {PLAIN} bytes unpacked")
    if not stream.eof:
        raise ReportError(400, "the body ends too early")
    return plain


def take(agent: Agent, data: dict[str, Any]) -> Taken:
    """Ingest a report's sweeps and inventory; what is wrong with a sweep refuses that sweep alone."""
    check = check_of(agent)
    sweeps, places, rejected = [], [], []
    for index, item in enumerate(data.get("sweeps", [])):
        try:
            sweeps.append(read_sweep(check.pk, item))
            places.append(index)
        except ValueError as error:
            rejected.append({"index": index, "reason": str(error)})
    report = ingest(sweeps) if sweeps else None
    if report:
        _keep_newest_notes(agent, sweeps, {index for index, _ in report.refused})
        rejected += [{"index": places[index], "reason": reason} for index, reason in report.refused]
    wanted = _inventory(agent, data)
    Agent.objects.filter(pk=agent.pk).update(
        last_seen=timezone.now(),
        reports=F("reports") + 1,
        refused=F("refused") + len(rejected),
        duplicates=F("duplicates") + (report.duplicates if report else 0),
    )
    accepted, duplicates = (report.accepted, report.duplicates) if report else (0, 0)
    return Taken(accepted, duplicates, sorted(rejected, key=lambda one: one["index"]), wanted)


def _keep_newest_notes(agent: Agent, sweeps: list[SweepInput], refused: set[int]) -> None:
    taken = [sweep for index, sweep in enumerate(sweeps) if index not in refused]
    if taken:
        newest = max(taken, key=lambda sweep: sweep.at)
        processes.keep(agent, newest.at, newest.readings.notes)


def count_refused(agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(refused=F("refused") + 1, last_seen=timezone.now())


def _inventory(agent: Agent, data: dict[str, Any]) -> bool:
    """Save the inventory that came along; says whether one should be sent."""
    digest = data.get("inventory_hash")
    digest = digest[:64] if isinstance(digest, str) else ""
    if isinstance(data.get("inventory"), dict):
        try:
            with history.context(source="agent"):
                save_inventory(agent, data["inventory"], digest)
        except RecursionError:
            raise ReportError(400, "inventory: nested too deeply") from None
        return False
    return bool(digest) and digest != agent.inventory_hash


def read_sweep(check_id: int, item: Any) -> SweepInput:
    """A sweep out of JSON; ValueError with a reason where it is none. Metrics we do not know are left out."""
    if not isinstance(item, dict):
        raise ValueError("a sweep is an object")
    at, columns = item.get("at"), item.get("columns")
    if not _is_number(at):
        raise ValueError("at: a time in seconds is needed")
    if not isinstance(columns, list) or len(columns) > MOST_COLUMNS:
        raise ValueError(f"columns: a list of at most {MOST_COLUMNS} is needed")
    found = [read_column(index, one) for index, one in enumerate(columns)]
    uptime = item.get("uptime")
    readings = Readings(
        [column for column in found if column.metric in METRICS],
        notes=processes.contained(item.get("notes")),
        uptime=float(uptime) if _is_number(uptime) else None,
    )
    return SweepInput(check_id, float(at), readings)


def read_column(index: int, item: Any) -> Column:
    """A column out of JSON; ValueError with a reason where it is none."""
    if not isinstance(item, dict) or not isinstance(item.get("metric"), str):
        raise ValueError(f"columns[{index}]: metric: a name is needed")
    instances, values = item.get("instances"), item.get("values")
    if not isinstance(instances, list) or not isinstance(values, list):
        raise ValueError(f"columns[{index}]: instances and values: lists are needed")
    if len(instances) != len(values) or len(values) > MOST_VALUES:
        raise ValueError(f"columns[{index}]: as many values as instances, at most {MOST_VALUES}")
    if not all(isinstance(name, str) for name in instances):
        raise ValueError(f"columns[{index}]: instances: names are needed")
    if not all(value is None or (isinstance(value, int | float)) for value in values):
        raise ValueError(f"columns[{index}]: values: numbers or null are needed")
    return Column(item["metric"], tuple(clean(name) for name in instances), values)


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < 1e12 and not math.isnan(value)


def configuration(agent: Agent, send_inventory: bool) -> dict[str, Any]:
    """What the agent should do from now on."""
    names = [name for name in agent.processes if isinstance(name, str)]
    return {"interval": INTERVAL, "processes": names, "send_inventory": send_inventory}
