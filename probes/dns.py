"""Kind `dns`: asks a DNS server for a record, measures the time and compares the answer."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from probes.credentials import Credential
from probes.kind import Kind
from probes.network import NetworkError, reason, resolve
from probes.options import OptionError, Options, option
from probes.readings import SCALAR, Column, Readings
from probes.target import Target

_TYPES: Final = ("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "CAA")
_LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class DnsOptions(Options):
    """What to ask whom. Without `server` the target itself is asked."""

    name: str = option(help="name to look up", minimum=1, maximum=253)
    type: str = option("A", "record type", choices=_TYPES)
    expect: str = option("", "value that must be among the answers", maximum=1000)
    server: str = option("", "DNS server, if not the target itself", maximum=253)
    port: int = option(53, "port of the server", minimum=1, maximum=65535)
    timeout: float = option(5.0, "seconds for the whole check", minimum=0.05, maximum=60)

    def check(self) -> None:
        """The name must be one that DNS can carry."""
        try:
            dns.name.from_text(self.name)
        except (dns.exception.DNSException, UnicodeError, ValueError):
            raise OptionError("name", "is not a valid DNS name") from None


async def collect(target: Target, options: DnsOptions, credential: Credential | None) -> Readings:
    """Ask once, over UDP and, where the answer is cut, TCP."""
    begun = time.perf_counter()
    columns: list[Column] = []
    notes: dict[str, str] = {}
    server = options.server or target.address
    try:
        async with asyncio.timeout(options.timeout):
            error = await _ask(server, options, columns, notes)
    except (TimeoutError, dns.exception.Timeout):
        error = f"{server} did not answer within {options.timeout:g} s"
    except NetworkError as failure:
        error = str(failure)
    except dns.exception.DNSException as failure:
        error = f"{server} sent an answer that is not valid DNS ({type(failure).__name__})"
    except OSError as failure:
        error = f"{server}: {reason(failure)}"
    return Readings(columns, error, time.perf_counter() - begun, notes)


async def _ask(server: str, options: DnsOptions, columns: list[Column], notes: dict[str, str]) -> str:
    question = dns.message.make_query(options.name, options.type)
    address = await resolve(server)
    begun = time.perf_counter()
    answer, by_tcp = await dns.asyncquery.udp_with_fallback(
        question, address, options.timeout, options.port, ignore_unexpected=True
    )
    columns.append(Column("dns.time", SCALAR, (time.perf_counter() - begun,)))
    code = dns.rcode.to_text(answer.rcode())
    values = _values(answer, options.type)
    matches = options.expect in values if options.expect else bool(values)
    columns.append(Column("dns.match", SCALAR, (int(matches),)))
    notes.update(
        {"status": code, "answer": ", ".join(values)[:_LONGEST_NOTE], "protocol": "TCP" if by_tcp else "UDP"}
    )
    return "" if matches else _complaint(options, code, values)


def _values(answer: dns.message.Message, wanted: str) -> list[str]:
    """Records of the wanted type as text; names lose the dot at their end, text its quotes."""
    kind = dns.rdatatype.from_text(wanted)
    records = [record for group in answer.answer if group.rdtype == kind for record in group]
    return sorted(record.to_text().rstrip(".").strip('"') for record in records)


def _complaint(options: DnsOptions, code: str, values: list[str]) -> str:
    what = f"{options.name} {options.type}"
    if code != "NOERROR":
        return f"{what}: {code}"
    if not values:
        return f"{what}: no such record"
    return f"{what} is {', '.join(values)[:200]}, not {options.expect}"


KIND: Final = Kind("dns", "DNS", DnsOptions, collect)
