"""Agents join, report, are refused; their inventory becomes rows."""

import gzip
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import Device, Interface, IPAddress
from monitoring import actions
from monitoring.models import Agent, AgentInventory, Check, EnrollToken, Series
from monitoring.store import store

pytestmark = pytest.mark.django_db
ENROLL, REPORT = "/api/v1/agent/enroll/", "/api/v1/agent/report/"


def join(token: str, **options: str) -> Any:
    machine = {"hostname": "box1", "machine_id": "m1", "agent_version": "1.0", "os": "Debian 12"}
    return Client().post(ENROLL, json.dumps({"token": token, **machine, **options}), "application/json")


@pytest.fixture
def key(db: None) -> str:
    return str(join(actions.create_enroll_token()).json()["key"])


def send(key: str, data: Any, *, raw: bytes | None = None, encoding: str = "gzip") -> Any:
    body = gzip.compress(json.dumps(data).encode()) if raw is None else raw
    headers = {"Authorization": f"Bearer {key}", "Content-Encoding": encoding}
    return Client().post(REPORT, body, "application/json", headers=headers)


def sweep(age: float = 0, **more: Any) -> dict[str, Any]:
    columns = [{"metric": "cpu.usage", "instances": [""], "values": [12.5]}]
    return {"at": time.time() - age, "columns": columns, "uptime": 100.0, "notes": {}, **more}


def report(*sweeps: Any, **more: Any) -> dict[str, Any]:
    return {"version": 1, "sweeps": list(sweeps), "inventory": None, "inventory_hash": "", **more}


def test_a_token_works_once() -> None:
    token = actions.create_enroll_token(description="laptop")
    answer = join(token)
    assert answer.status_code == 201
    assert set(answer.json()) == {"agent_id", "key", "interval"}
    device = Device.objects.get(name="box1")
    assert (device.agent.version, device.checks.get().kind, device.checks.get().passive) == (
        "1.0",
        "agent",
        True,
    )
    assert join(token, machine_id="m2").status_code == 403
    assert token not in str(EnrollToken.objects.values())


def test_a_lost_answer_is_given_again_with_another_key() -> None:
    token = actions.create_enroll_token()
    lost = join(token).json()["key"]
    answer = join(token)
    assert answer.status_code == 201
    assert send(lost, report()).status_code == 401
    assert send(answer.json()["key"], report()).status_code == 200
    assert Device.objects.count() == Agent.objects.count() == 1
    assert join(token).status_code == 403, "its key was used"


def test_a_machine_that_joins_again_may_lose_the_answer_too(key: str) -> None:
    send(key, report(sweep()))
    token = actions.create_enroll_token()
    join(token)
    assert join(token).status_code == 201


@pytest.mark.parametrize("why", ["another machine", "too late", "revoked", "has reported", "deleted"])
def test_a_used_token_opens_nothing_else(why: str) -> None:
    token = actions.create_enroll_token()
    key, machine = join(token).json()["key"], "m1"
    match why:
        case "another machine":
            machine = "m2"
        case "too late":
            EnrollToken.objects.update(used_at=timezone.now() - timedelta(minutes=11))
        case "revoked":
            actions.revoke_agent(Agent.objects.get())
        case "has reported":
            send(key, report(sweep()))
        case "deleted":
            Agent.objects.all().delete()
    assert join(token, machine_id=machine).json() == {"detail": "the token is unknown, used or expired"}
    assert send(key, report()).status_code == (401 if why in {"revoked", "deleted"} else 200)


def test_an_expired_token_is_refused() -> None:
    token = actions.create_enroll_token()
    EnrollToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert join(token).json() == {"detail": "the token is unknown, used or expired"}
    assert not Device.objects.exists()


def test_joining_again_keeps_the_device_and_ends_the_old_key(key: str) -> None:
    new = join(actions.create_enroll_token(), hostname="renamed").json()["key"]
    assert Device.objects.count() == 1
    assert send(key, report()).status_code == 401
    assert send(new, report()).status_code == 200


def test_a_known_device_gets_the_agent_and_a_namesake_its_own_device(db: None) -> None:
    known = Device.objects.create(name="BOX1")
    join(actions.create_enroll_token())
    join(actions.create_enroll_token(), machine_id="m2")
    assert Agent.objects.get(machine_id="m1").device == known
    assert Agent.objects.get(machine_id="m2").device.name == "box1 (m2)"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"token": 1}', b'{"token": "x", "hostname": "", "machine_id": "m"}', b"[" * 9999],
)
def test_enrollment_of_garbage(body: bytes) -> None:
    answer = Client().post(ENROLL, body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_report_is_stored(key: str) -> None:
    answer = send(key, report(sweep(120), sweep(60), sweep()))
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 3
    assert answer.json()["config"] == {"interval": 60, "processes": [], "send_inventory": False}
    check = Check.objects.get()
    slot = Series.objects.get(source=check, metric="cpu.usage").slot
    assert store.latest([check.pk])[check.pk, 0].values[slot] == 12.5
    assert Agent.objects.get().last_seen is not None


def test_what_is_wrong_with_one_sweep_refuses_that_one(key: str) -> None:
    good = sweep()
    bad = [
        "x",
        {"at": "now"},
        sweep(-4000),
        sweep(columns=[{"metric": "cpu.usage", "instances": ["a"], "values": []}]),
        sweep(columns=[{"metric": "cpu.usage", "instances": [1], "values": [1]}]),
        sweep(columns=[{"metric": "cpu.usage", "instances": ["a"], "values": ["1"]}]),
        sweep(columns="all"),
    ]
    answer = send(key, report(good, *bad)).json()
    assert answer["accepted"] == 1
    assert [one["index"] for one in answer["rejected"]] == [1, 2, 3, 4, 5, 6, 7]
    assert all(one["reason"] for one in answer["rejected"])
    assert Agent.objects.get().refused == 7


def test_a_deleted_check_comes_back_with_the_next_report(key: str) -> None:
    Check.objects.all().delete()
    answer = send(key, report(sweep()))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert Check.objects.get().passive


@pytest.mark.parametrize("fraction", [0.0, 0.829, 0.8294996, 0.8299999])
def test_duplicates_are_counted(key: str, fraction: float) -> None:
    """Whatever digits the agent's clock has beyond the stored milliseconds."""
    now = int(time.time()) - 1 + fraction
    same = report({**sweep(), "at": now - 60}, {**sweep(), "at": now})
    send(key, same)
    answer = send(key, same).json()
    assert (answer["accepted"], answer["duplicates"]) == (0, 2)
    assert Agent.objects.get().duplicates == 2


def test_metrics_of_a_newer_agent_are_left_out(key: str) -> None:
    columns = [
        {"metric": "warp.factor", "instances": [""], "values": [9]},
        {"metric": "cpu.usage", "instances": [""], "values": [1]},
    ]
    assert send(key, report(sweep(columns=columns))).json()["accepted"] == 1
    assert not Series.objects.filter(metric="warp.factor").exists()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"not gzip", 400),
        (gzip.compress(b"{}"), 400),
        (gzip.compress(b'{"version": 1}')[:-6], 400),
        (gzip.compress(b"[" * 100_000), 400),
        (gzip.compress(b"0" * 100_000_000, 1), 413),
        (b"x" * (2 * 2**20 + 1), 413),
        (gzip.compress(b'{"version": 1, "sweeps": 5}'), 400),
        (gzip.compress(b'{"version": 1, "inventory": ' + b'{"a":' * 900 + b"1" + b"}" * 901), 400),
    ],
    ids=["no gzip", "no version", "cut off", "nested", "bomb", "too long", "no list", "deep inventory"],
)
def test_bodies_that_are_refused_and_counted(key: str, raw: bytes, status: int) -> None:
    answer = send(key, None, raw=raw)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert Agent.objects.get().refused == 1


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_stranger_reports_nothing(db: None, key: str) -> None:
    assert send(key, report(sweep())).status_code == 401


def test_a_revoked_key(key: str) -> None:
    Agent.objects.update(enabled=False)
    assert send(key, report()).status_code == 401


def test_inventory_becomes_rows(key: str) -> None:
    inventory = {
        "hardware": {"vendor": "Dell Inc.", "model": "R640", "serial": "ABC123"},
        "os": {"name": "Debian GNU/Linux", "version": "12", "kernel": "6.1"},
        "interfaces": [
            {
                "name": "eth0",
                "mac": "00:1B:FF:80:0A:01",
                "speed": 10**9,
                "mtu": 1500,
                "addresses": ["10.0.0.5/24"],
            },
            {"name": "lo", "addresses": ["127.0.0.1/8", "nonsense"]},
        ],
        "packages": [{"name": "bash", "version": "5.2\x00"}],
    }
    assert send(key, report(inventory_hash="h1")).json()["config"]["send_inventory"] is True
    send(key, report(inventory=inventory, inventory_hash="h1"))
    device = Device.objects.get()
    assert (device.serial, device.os_version) == ("ABC123", "Debian GNU/Linux 12")
    assert (str(device.device_type), device.platform.key) == ("Dell Inc. R640", "linux")
    port = Interface.objects.get(name="eth0")
    assert (port.mac, port.speed, port.mtu) == ("00:1b:ff:80:0a:01", 10**9, 1500)
    assert [str(row) for row in IPAddress.objects.all()] == ["10.0.0.5/24"]
    assert AgentInventory.objects.get().data["packages"] == [{"name": "bash", "version": "5.2"}]
    assert send(key, report(inventory_hash="h1")).json()["config"]["send_inventory"] is False
    inventory["interfaces"][0]["addresses"] = ["10.0.0.6/24"]
    send(key, report(inventory=inventory, inventory_hash="h2"))
    assert [str(row) for row in IPAddress.objects.all()] == ["10.0.0.6/24"]


@pytest.mark.parametrize(
    "inventory", [{}, {"hardware": 5, "os": [], "interfaces": {"a": 1}}, {"interfaces": [5, {"name": None}]}]
)
def test_inventories_of_odd_shape(key: str, inventory: dict[str, Any]) -> None:
    assert send(key, report(inventory=inventory, inventory_hash="h")).status_code == 200
