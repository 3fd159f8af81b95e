"""The kinds ping, tcp, tls and dns against servers on this machine, and the door to the network."""

import asyncio
import shutil
import ssl
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rrset
import pytest

from probes import network, ping
from probes.credentials import SnmpCommunity
from probes.kinds import KINDS
from probes.metrics import METRICS
from probes.readings import Readings
from probes.target import Target
from tests.probes.web_server import Server, Talk, certificate, server_context


def collect(kind: str, address: str = "127.0.0.1", **options: Any) -> Any:
    made = KINDS[kind].Options.from_dict(options)
    return KINDS[kind].collect(Target(address), made, SnmpCommunity("public"))


def values(readings: Readings) -> dict[str, Any]:
    assert all(column.metric in METRICS for column in readings.columns)
    return {column.metric: column.values[0] for column in readings.columns}


def served(kind: str, talk: Talk, context: ssl.SSLContext | None = None, **options: Any) -> Readings:
    async def run() -> Readings:
        async with Server(talk, context) as server:
            return await collect(kind, port=server.port, **options)

    return asyncio.run(run())


async def nobody() -> int:
    """A port on which nobody listens."""
    async with Server(silence) as server:
        return server.port


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 here\r\n")
    if await reader.readline() == b"NOOP\r\n":
        writer.write(b"250 fine\r\n")


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


# ---- the door


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254"),
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"),
    ],
)
@pytest.mark.parametrize("kind", ["tcp", "tls", "http", "dns", "ping", "snmp"])
def test_the_door_is_the_same_for_all(kind: str, address: str) -> None:
    options = {"tcp": {"port": 80}, "dns": {"name": "a.b"}}.get(kind, {})
    readings = asyncio.run(collect(kind, address, **options))
    assert "not allowed" in readings.error or "not an address of a host" in readings.error


def test_link_local_addresses_may_be_allowed() -> None:
    network.Policy(link_local=True).check("169.254.1.1")
    with pytest.raises(network.NetworkError):
        network.Policy(link_local=True).check("224.0.0.1")


def test_a_name_that_does_not_resolve() -> None:
    with pytest.raises(network.NetworkError, match=r"no\.such\.invalid does not resolve"):
        asyncio.run(network.resolve("no.such.invalid"))
    with pytest.raises(network.NetworkError):
        asyncio.run(network.resolve("a" * 300))


def test_names_resolve_to_what_is_spoken_to() -> None:
    assert asyncio.run(network.resolve("localhost")) in ("127.0.0.1", "::1")
    assert asyncio.run(network.resolve("[::1]")) == "::1"


# ---- ping


def test_ping_answers_and_says_how() -> None:
    readings = asyncio.run(collect("ping", count=2, interval=0.01))
    assert readings.error == ""
    found = values(readings)
    assert found["ping.loss"] == 0 and 0 < found["ping.rtt.min"] <= found["ping.rtt"] <= found["ping.rtt.max"]
    assert readings.notes["method"]


def test_a_batch_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused and living targets in one batch: a process for each set of options."""
    started: list[tuple[Any, ...]] = []
    start = asyncio.create_subprocess_exec

    async def count(*words: Any, **more: Any) -> Any:
        started.append(words)
        return await start(*words, **more)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", count)
    quick = ping.PingOptions(count=1, timeout=0.2, interval=0.01)
    other = ping.PingOptions(count=2, timeout=0.2, interval=0.01)
    jobs = [(Target(f"127.0.0.{i}"), quick if i % 2 else other, None) for i in range(1, 41)]
    jobs.insert(5, (Target("169.254.169.254"), quick, None))
    results = asyncio.run(ping.collect_many(jobs))
    assert [bool(result.error) for result in results] == [index == 5 for index in range(41)]
    if shutil.which("fping"):
        assert len(started) == 2


def test_without_fping_another_way_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    readings = asyncio.run(collect("ping", count=1, interval=0.01))
    assert readings.error == ""
    assert readings.notes["method"] != "fping"


def test_the_output_of_fping() -> None:
    output = (
        "10.0.0.1 : 0.04 - 0.06\n10.0.0.2 : - - -\nICMP Host Unreachable from 10.0.0.9 for ICMP Echo\n"
        "10.0.0.3 : error while sending ping: Network is unreachable\n10.0.0.7 : 1.0\nfe80::2 : 1.5 - -\n"
    )
    found = ping.parse_fping(output, {"10.0.0.1", "10.0.0.2", "10.0.0.3", "fe80::2"})
    assert {address: list(trips.times) for address, trips in found.items()} == {
        "10.0.0.1": [pytest.approx(4e-5), None, pytest.approx(6e-5)],
        "10.0.0.2": [None, None, None],
        "fe80::2": [pytest.approx(0.0015), None, None],
    }


# ---- tcp


def test_a_port_that_is_open() -> None:
    readings = served("tcp", greets)
    assert readings.error == "" and values(readings)["tcp.connect"] > 0


def test_a_conversation() -> None:
    assert served("tcp", greets, send="NOOP\r\n", expect="250 fine").error == ""
    assert "does not contain '550'" in served("tcp", greets, send="NOOP\r\n", expect="550").error


def test_a_port_that_is_closed() -> None:
    async def run() -> Readings:
        return await collect("tcp", port=await nobody())

    assert asyncio.run(run()).error.endswith(": connection refused")


def test_silence_and_floods_end() -> None:
    assert "no answer within 0.2 s" in served("tcp", silence, expect="x", timeout=0.2).error
    assert "does not contain" in served("tcp", floods, expect="y").error


# ---- tls


@pytest.mark.parametrize("days", [30, -5])
def test_a_certificate_is_read_trusted_or_not(tmp_path: Path, days: int) -> None:
    readings = served("tls", silence, server_context(certificate(tmp_path, days)))
    assert readings.error.startswith("certificate not trusted: ")
    found = values(readings)
    assert found["tls.days"] == pytest.approx(days, abs=0.01)
    assert found["tls.trusted"] == 0
    assert readings.notes["subject"] == readings.notes["issuer"] == "test.example"
    assert readings.notes["names"] == "test.example, 127.0.0.1"
    assert readings.notes["protocol"] == "TLSv1.3"


def test_trust_may_be_waived(tmp_path: Path) -> None:
    assert served("tls", silence, server_context(certificate(tmp_path, 30)), verify=False).error == ""


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_starttls(tmp_path: Path, protocol: str) -> None:
    context = server_context(certificate(tmp_path, 10))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n" if protocol == "smtp" else b"* OK hello\r\n")
        if protocol == "smtp":
            await reader.readline()
            writer.write(b"250-mail\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n" if protocol == "smtp" else b"* CAPABILITY x\r\na OK go\r\n")
        await writer.start_tls(context)
        await reader.read(1)

    readings = served("tls", talk, starttls=protocol, verify=False)
    assert readings.error == ""
    assert values(readings)["tls.days"] == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize("starttls", ["", "smtp", "imap"])
@pytest.mark.parametrize("talk", [greets, floods, silence])
def test_what_is_not_tls(talk: Talk, starttls: str) -> None:
    readings = served("tls", talk, starttls=starttls, timeout=0.5)
    assert readings.error and "\n" not in readings.error
    assert readings.columns == []


# ---- dns


class DnsServer(asyncio.DatagramProtocol):
    """Answers A with two addresses, TXT with text, "none" with NXDOMAIN, and "broken" with garbage."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        query = dns.message.from_wire(data)
        name, kind = query.question[0].name, query.question[0].rdtype
        answer = dns.message.make_response(query)
        if name.to_text().startswith("broken"):
            self.transport.sendto(b"\x00" * 5, address)
            self.transport.sendto(data[:2] + b"\x81\x80\x00\x09" + b"\xff" * 30, address)
            return
        if name.to_text().startswith("none"):
            answer.set_rcode(3)
        elif kind == dns.rdatatype.A:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1", "192.0.2.2"))
        elif kind == dns.rdatatype.TXT:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=spf1 -all"'))
        elif kind == dns.rdatatype.CNAME:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "other.example."))
        self.transport.sendto(answer.to_wire(), address)


def look_up(**options: Any) -> Readings:
    async def run() -> Readings:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(DnsServer, local_addr=("127.0.0.1", 0))
        try:
            port = transport.get_extra_info("sockname")[1]
            usual = {"name": "www.example", "timeout": 0.5, "port": port}
            return await collect("dns", **{**usual, **options})
        finally:
            transport.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, ""),
        ({"expect": "192.0.2.2"}, ""),
        ({"type": "TXT", "expect": "v=spf1 -all"}, ""),
        ({"type": "CNAME", "expect": "other.example"}, ""),
        ({"expect": "192.0.2.9"}, "www.example A is 192.0.2.1, 192.0.2.2, not 192.0.2.9"),
        ({"type": "MX"}, "www.example MX: no such record"),
        ({"name": "none.example"}, "none.example A: NXDOMAIN"),
    ],
)
def test_a_record(options: dict[str, Any], error: str) -> None:
    readings = look_up(**options)
    assert readings.error == error
    assert values(readings)["dns.match"] == int(not error)
    assert values(readings)["dns.time"] > 0


def test_a_server_that_sends_garbage_or_nothing() -> None:
    assert look_up(name="broken.example").error
    readings = look_up(server="127.0.0.1", port=1)
    assert readings.error and readings.columns == []
