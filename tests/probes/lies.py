"""A conversation with an agent that lies, and what it is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from probes.credentials import SnmpCommunity
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.target import Target
from tests.probes.lying_agent import (
    Agent,
    Request,
    integer,
    text,
)

BASE = "1.3.6.1.2.1.2.2.1.2"
ROWS = {f"{BASE}.{i}": text(f"port {i}") for i in range(1, 61)} | {
    "1.3.6.1.2.1.1.3.0": integer(4242, 0x43),
    "1.3.6.1.2.1.2.2.1.3.1": integer(6),
}
UPTIME = "1.3.6.1.2.1.1.3.0"
QUICK = {"timeout": 0.15, "retries": 1, "budget": 3.0}
LONGEST = 5.0  # seconds: a guard against waiting for ever, far above what anything here takes

Lie = Callable[[Agent, Request, bytes, tuple[str, int]], None]


def talk(
    lie: Lie | None,
    ask: Callable[[SnmpClient], Awaitable[Any]],
    version: Any = "2c",
    rows: dict[str, bytes] = ROWS,
    **settings: Any,
) -> tuple[Any, Agent]:
    """What `ask` gives against an agent with `lie`, and the agent, which knows what it was asked."""

    async def run() -> tuple[Any, Agent]:
        async with Agent(rows, lie) as agent:
            options = SnmpSettings(port=agent.port, **{**QUICK, **settings})
            async with SnmpClient(Target("127.0.0.1"), SnmpCommunity("public", version), options) as client:
                return await asyncio.wait_for(ask(client), LONGEST), agent

    return asyncio.run(run())


def walk(client: SnmpClient) -> Awaitable[Any]:
    return client.walk(BASE, limit=500)


def get(client: SnmpClient) -> Awaitable[Any]:
    return client.get([UPTIME])


def reply(make: Callable[[Request, bytes], bytes]) -> Lie:
    return lambda agent, request, honest, address: agent.send(make(request, honest), address)


def silent(agent: Agent, request: Request, honest: bytes, address: tuple[str, int]) -> None:
    pass
