"""An SNMP agent process for flows: a switch of six ports. `python -m tests.flows.snmp_switch PORT FOLDER`.

The file FOLDER/down holds the numbers of the ports that are down, FOLDER/delay the seconds before an answer.
"""

import asyncio
import sys
import time
from pathlib import Path

from tests.probes.lying_agent import Agent, Request, integer, oid, text

PORTS = range(1, 7)
BEGUN = time.time()


def content(folder: Path, name: str) -> list[str]:
    file = folder / name
    return file.read_text().split() if file.exists() else []


def rows(down: list[str]) -> dict[str, bytes]:
    passed = time.time() - BEGUN
    found = {
        "1.3.6.1.2.1.1.1.0": text("A switch"),
        "1.3.6.1.2.1.1.2.0": b"\x06\x01\x00",
        "1.3.6.1.2.1.1.3.0": integer(int((1000 + passed) * 100), 0x43),
    }
    for port in PORTS:
        found[f"1.3.6.1.2.1.31.1.1.1.1.{port}"] = text(f"ge{port}")
        found[f"1.3.6.1.2.1.2.2.1.2.{port}"] = text(f"ge{port}")
        found[f"1.3.6.1.2.1.2.2.1.7.{port}"] = integer(1)
        found[f"1.3.6.1.2.1.2.2.1.8.{port}"] = integer(2 if str(port) in down else 1)
        found[f"1.3.6.1.2.1.31.1.1.1.6.{port}"] = integer(int(passed * 1000 * port), 0x46)
    return found


async def serve(port: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()

    def answer(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
        agent.table = sorted((oid(name), value) for name, value in rows(content(folder, "down")).items())
        agent.names = [name for name, _ in agent.table]
        delay = float((content(folder, "delay") or ["0"])[0])
        (folder / "asked").write_text(str(len(agent.requests)))
        loop.call_later(delay, agent.send, agent.honest(request), address)

    agent = Agent({}, answer)
    agent.table, agent.names = [], []
    transport, _ = await loop.create_datagram_endpoint(lambda: agent, local_addr=("127.0.0.1", port))
    agent.socket = transport.get_extra_info("socket")
    agent.send = lambda data, address: transport.sendto(data, address)  # type: ignore[method-assign]
    (folder / "asked").write_text("0")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
