"""SNMPv3 against net-snmp's agent and against pysnmp's: every protocol, and what a wrong login looks like."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probes.credentials import SnmpCommunity, SnmpUser
from probes.snmp import client as client_module
from probes.snmp.client import SnmpClient, SnmpSettings
from probes.snmp.errors import SnmpAuthError, SnmpError, SnmpTimeout
from probes.target import Target
from tests.ports import free_udp_port

SNMPD = shutil.which("snmpd") or ("/usr/sbin/snmpd" if Path("/usr/sbin/snmpd").exists() else None)
AUTH, PRIV = "auth-password", "priv-password"
NAMES = {"SHA224": "SHA-224", "SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512"}
COMBINATIONS = [
    *((auth, "AES") for auth in ("MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512")),
    *(("SHA", priv) for priv in ("DES", "AES192", "AES256", "AES192C", "AES256C")),
    *(("SHA512", priv) for priv in ("DES", "AES192", "AES256", "AES256C")),
    ("MD5", "DES"),
    ("MD5", "AES256"),
    ("SHA256", ""),
    ("", ""),
]
UPTIME, SYSTEM = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1"


def user_name(auth: str, priv: str) -> str:
    return f"u{auth}{priv}".lower()


def credential(auth: str, priv: str, **changes: str) -> SnmpUser:
    words = {"auth_password": AUTH if auth else "", "priv_password": PRIV if priv else "", **changes}
    return SnmpUser(user_name(auth, priv), auth, priv_protocol=priv, **words)  # type: ignore[arg-type]


def configuration() -> str:
    lines = ["rocommunity public", "sysLocation here", "sysContact someone"]
    for auth, priv in COMBINATIONS:
        name = user_name(auth, priv)
        parts = [f"createUser {name}"]
        if auth:
            parts.append(f"{NAMES.get(auth, auth)} {AUTH}")
        if priv:
            parts.append(f"{priv} {PRIV}")
        lines.append(" ".join(parts))
        lines.append(f"rouser {name} {'priv' if priv else 'auth' if auth else 'noauth'}")
    return "\n".join(lines) + "\n"


def wait_for(port: int, login: Any, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ask(port, login, timeout=0.3)
        except SnmpError:
            continue
        return
    raise RuntimeError("the agent did not start")


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a net-snmp agent that knows a user for each combination."""
    if not SNMPD:
        pytest.skip("snmpd is not installed")
    home = tmp_path_factory.mktemp("snmpd")
    (home / "snmpd.conf").write_text(configuration())
    port = free_udp_port()
    where = f"udp:127.0.0.1:{port}"
    process = subprocess.Popen(
        [SNMPD, "-f", "-Lf", f"{home}/log", "-C", "-c", f"{home}/snmpd.conf", "-p", f"{home}/pid", where],
        env={**os.environ, "SNMP_PERSISTENT_DIR": str(home)},
    )
    try:
        wait_for(port, SnmpCommunity("public"), process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def ask(
    port: int, login: Any, timeout: float = 2.0, retries: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    async def run() -> tuple[dict[str, Any], dict[str, Any]]:
        settings = SnmpSettings(port=port, timeout=timeout, retries=retries)
        async with SnmpClient(Target("127.0.0.1"), login, settings) as client:
            return await client.get([UPTIME]), await client.walk(SYSTEM)

    return asyncio.run(run())


@pytest.mark.flow
@pytest.mark.parametrize(("auth", "priv"), COMBINATIONS)
def test_every_combination_of_protocols(snmpd: int, auth: str, priv: str) -> None:
    values, system = ask(snmpd, credential(auth, priv))
    assert isinstance(values[UPTIME], int)
    assert system["6.0"] == b"here"


@pytest.mark.flow
@pytest.mark.parametrize("version", ["1", "2c"])
def test_communities(snmpd: int, version: Any) -> None:
    _, system = ask(snmpd, SnmpCommunity("public", version))
    assert system["4.0"] == b"someone"


@pytest.mark.flow
def test_walks_of_a_real_agent_end_at_the_end_of_its_view(snmpd: int) -> None:
    async def run(version: Any) -> dict[str, Any]:
        async with SnmpClient(Target("127.0.0.1"), SnmpCommunity("public", version), settings) as client:
            return await client.walk("1.3.6.1.6")

    settings = SnmpSettings(port=snmpd, budget=20)
    for version in ("1", "2c"):
        assert asyncio.run(run(version))


@pytest.mark.flow
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"auth_password": "not the password"}, SnmpAuthError),
        ({"priv_password": "not the password"}, SnmpTimeout),
        ({"user": "nobody"}, SnmpAuthError),
        ({"auth_password": "short"}, SnmpAuthError),
        ({"priv_password": ""}, SnmpAuthError),
    ],
)
def test_wrong_logins_are_named(snmpd: int, changes: dict[str, str], error: type[SnmpError]) -> None:
    right = {"user": user_name("SHA", "AES"), "auth_password": AUTH, "priv_password": PRIV}
    login = SnmpUser(auth_protocol="SHA", priv_protocol="AES", **{**right, **changes})
    with pytest.raises(error) as caught:
        ask(snmpd, login, timeout=0.4)
    assert "\n" not in str(caught.value)


@pytest.mark.flow
def test_a_remembered_engine_that_is_not_there_any_more_is_found_anew(snmpd: int) -> None:
    """A device was replaced: its address now answers with another engine id."""
    client_module._engines["127.0.0.1", snmpd] = b"\x80\x00\x1f\x88\x04another"
    values, _ = ask(snmpd, credential("SHA", "AES"), timeout=0.4)
    assert values
    assert client_module._engines["127.0.0.1", snmpd] != b"\x80\x00\x1f\x88\x04another"


PEER = """
import asyncio, sys
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
peer = engine.SnmpEngine()
where = ("127.0.0.1", int(sys.argv[1]))
config.add_transport(peer, udp.DOMAIN_NAME, udp.UdpTransport().open_server_mode(where))
for name, auth, priv in (
    ("one", config.USM_AUTH_HMAC192_SHA256, config.USM_PRIV_CFB128_AES),
    ("two", config.USM_AUTH_HMAC96_SHA, config.USM_PRIV_CBC56_DES),
    ("three", config.USM_AUTH_HMAC96_SHA, config.USM_PRIV_CFB256_AES_BLUMENTHAL),
    ("four", config.USM_AUTH_HMAC96_SHA, config.USM_PRIV_CFB256_AES),
):
    config.add_v3_user(peer, name, auth, "auth-password", priv, "priv-password")
    config.add_vacm_user(peer, 3, name, "authPriv", (1, 3, 6))
there = context.SnmpContext(peer)
for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.BulkCommandResponder):
    responder(peer, there)
peer.transport_dispatcher.job_started(1)
peer.open_dispatcher()
"""


@pytest.fixture(scope="module")
def pysnmp_agent() -> Iterator[int]:
    port = free_udp_port()
    process = subprocess.Popen([sys.executable, "-c", PEER, str(port)])
    try:
        wait_for(port, SnmpUser("one", "SHA256", AUTH, "AES", PRIV), process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.flow
@pytest.mark.parametrize(
    ("user", "auth", "priv"),
    [("one", "SHA256", "AES"), ("two", "SHA", "DES"), ("three", "SHA", "AES256"), ("four", "SHA", "AES256C")],
)
def test_a_second_peer(pysnmp_agent: int, user: str, auth: Any, priv: Any) -> None:
    values, system = ask(pysnmp_agent, SnmpUser(user, auth, AUTH, priv, PRIV))
    assert UPTIME in values
    assert system["3.0"] >= values[UPTIME]


def test_secrets_are_not_shown() -> None:
    for login in (credential("SHA", "AES"), SnmpCommunity("hush")):
        assert not {AUTH, PRIV, "hush"} & set(repr(login).replace("'", " ").split())
