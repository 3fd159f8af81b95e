"""GET and walks as Steps: what to ask next, given what came back. No sockets, no clock in here."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from gufo.snmp._fast import GetIter

from probes.snmp.channel import END, Ask, Steps
from probes.snmp.errors import SnmpLoop, SnmpStatusError, SnmpTimeout, SnmpTruncated, status_name
from probes.snmp.values import Suffixes, Value, decode, decode_all, increasing

GET_SIZE: Final = 20  # OIDs a request: every agent's answer to them fits one packet
_TOO_BIG: Final = 1
_NO_SUCH_NAME: Final = 2
_END_OF_VIEW: Final = (0, _NO_SUCH_NAME)  # statuses with which a walk ends in order

Rows = dict[str, Value]


@dataclass(slots=True)
class Talk:
    """What steps know of the agent they speak to; `repetitions` shrinks when the agent or the way is weak."""

    link: Any
    name: str
    status: Callable[[], tuple[int, int]]
    bulk: bool
    repetitions: int
    retries: int
    problems: list[str] = field(default_factory=list)
    suffixes: Suffixes = field(default_factory=Suffixes)
    shrunk: bool = False

    def fault(self, status: int, where: str) -> SnmpStatusError:
        """The error for an error-status."""
        return SnmpStatusError(f"{self.name}: {status_name(status)} at {where}", status)

    def shrink(self) -> bool:
        """Ask for fewer rows at once from now on; False where that is not possible."""
        if not self.bulk or self.repetitions == 1:
            return False
        self.repetitions = max(1, self.repetitions // 4)
        self.shrunk = True
        return True


def get(talk: Talk, oids: Sequence[str]) -> Steps[Rows]:
    """Values of OIDs, GET_SIZE a request.

    An OID that the agent cannot read is left out and named in `talk.problems`; SnmpStatusError where none of
    them can be read for such a reason.
    """
    found: Rows = {}
    fault: SnmpStatusError | None = None
    waiting = [list(oids[at : at + GET_SIZE]) for at in range(0, len(oids), GET_SIZE)]
    while waiting:
        chunk = waiting.pop(0)
        answer = yield Ask(partial(talk.link.send_get_many, chunk), talk.link.recv_get_many)
        found.update((oid, decode(answer[oid])) for oid in chunk if oid in answer)
        status, index = (0, 0) if answer else talk.status()
        if not status:
            continue
        if status != _TOO_BIG and len(chunk) == 1:
            fault = _note(talk, status, chunk[0], fault)
        elif len(chunk) == 1:
            raise talk.fault(status, chunk[0])
        elif status != _TOO_BIG and 0 < index <= len(chunk):
            fault = _note(talk, status, chunk.pop(index - 1), fault)
            waiting.insert(0, chunk)
        else:
            middle = len(chunk) // 2
            waiting[:0] = [chunk[:middle], chunk[middle:]]
    if fault and not found:
        raise fault
    return found


def _note(talk: Talk, status: int, oid: str, fault: SnmpStatusError | None) -> SnmpStatusError | None:
    """noSuchName is v1's way of saying that there is no such value; everything else is a fault."""
    if status == _NO_SUCH_NAME:
        return fault
    talk.problems.append(f"{status_name(status)} at {oid}")
    return fault or talk.fault(status, oid)


def walk(talk: Talk, base: str, limit: int) -> Steps[Rows]:
    """Everything below base: suffix after "base." → value, in the agent's order, which must increase."""
    tries = 0
    while True:
        try:
            return (yield from _walk_once(talk, base, limit))
        except SnmpTimeout:
            if not talk.bulk or tries >= talk.retries:
                raise
            tries += 1
            talk.shrink()
        except SnmpStatusError as error:
            if error.status != _TOO_BIG or not talk.shrink():
                raise


def _walk_once(talk: Talk, base: str, limit: int) -> Generator[Ask, Any, Rows]:
    ask = _next_pages(talk, base)
    rows: Rows = {}
    last = ""
    while True:
        page = yield ask
        if page is END:
            status, _ = talk.status()
            if status in _END_OF_VIEW:
                return rows
            raise talk.fault(status, f"{base}.{last}" if last else base)
        ended = page[-1] is None
        if ended:
            page.pop()
            if not page:
                return rows
        oids, values = zip(*page, strict=True)
        suffixes = talk.suffixes.of(oids, base)
        if suffixes is None or (last and not increasing((last, suffixes[0]))):
            raise SnmpLoop(f"{talk.name}: OIDs below {base} do not increase", rows)
        last = suffixes[-1]
        rows.update(zip(suffixes, decode_all(values), strict=True))
        if ended:
            return rows
        if len(rows) >= limit:
            raise SnmpTruncated(f"{talk.name}: more than {limit} rows below {base}", rows)


def _next_pages(talk: Talk, base: str) -> Ask:
    """The request for the next page; the same object serves all pages, the library keeps the place."""
    link = talk.link
    if talk.bulk:
        place = GetIter(base, talk.repetitions)
        return Ask(lambda: link.send_get_bulk(place), lambda: link.recv_get_bulk(place), repeat=False)
    place = GetIter(base)
    return Ask(lambda: link.send_get_next(place), lambda: [link.recv_get_next(place)])


def walk_many(talk: Talk, bases: Sequence[str], limit: int, into: list[Rows]) -> Steps[None]:
    """Walk after walk; `into` holds the finished ones also when one fails."""
    for base in bases:
        into.append((yield from walk(talk, base, limit)))
