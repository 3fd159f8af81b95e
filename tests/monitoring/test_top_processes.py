"""The busiest processes of a machine: from its agent's notes to its page and the API."""

import json
from typing import Any

import pytest
from django.test import Client

from agent.collectors.processes import Share, line
from core.models import Permission, Role, User
from inventory.models import Device
from monitoring import actions
from monitoring.agents.processes import shares
from monitoring.models import Agent
from tests.monitoring.test_agents import join, report, send, sweep

pytestmark = pytest.mark.django_db
NOTES = {"top.cpu": "postgres[812] 112.5 %, a, b[3] c[4] 1.0 %", "top.memory": "java[9] 40.1 %"}


@pytest.fixture
def key() -> str:
    return str(join(actions.create_enroll_token()).json()["key"])


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.net", "x"))
    return client


def page(client: Client) -> str:
    return client.get(f"/inventory/devices/{Device.objects.get().pk}/").content.decode()


def test_what_the_agent_writes_is_read_again() -> None:
    said = [
        Share("postgres: writer", 812, 112.46),
        Share("a, b[3] %", 1, 3.0),
        Share("kworker/0:1", 2, 0.051),
    ]
    assert shares(line(said)) == [
        {"name": one.name, "pid": one.pid, "percent": round(one.percent, 1)} for one in said
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("nothing of the kind", []),
        ("a[1] 1.0 %, b[2", [("a", 1)]),
        ("\x00\u202e<b>x</b>\n[1] 1.0 %", [("<b>x</b>", 1)]),
        ("[1] 1.0 %", [("?", 1)]),
        ("x" * 400 + "[1] 1.0 %", [("x" * 64, 1)]),
        ("x[" * 5000, []),
        (", ".join(f"p[{pid}] 1.0 %" for pid in range(50)), [("p", pid) for pid in range(5)]),
        ("a[99999999999999999999] 1.0 %", []),
    ],
)
def test_hostile_notes_are_contained(text: str, found: list[tuple[str, int]]) -> None:
    assert [(one["name"], one["pid"]) for one in shares(text)] == found


def test_the_newest_reading_is_shown(key: str, admin: Client) -> None:
    old = {"top.cpu": "past[1] 9.0 %", "top.memory": ""}
    assert send(key, report(sweep(60, notes=NOTES), sweep(120, notes=old))).json()["accepted"] == 2
    send(key, report(sweep(600, notes=old)))
    text = page(admin)
    assert "Top processes" in text
    assert text.index("postgres") < text.index("java")
    assert "past" not in text
    row = admin.get("/api/v1/agents/").json()["results"][0]
    assert row["top_processes"]["memory"] == [{"name": "java", "pid": 9, "percent": 40.1}]
    assert row["processes_at"]


def test_names_are_never_markup(key: str, admin: Client) -> None:
    send(key, report(sweep(notes={"top.cpu": "<script>alert(1)</script>[1] 5.0 %"})))
    assert "<script>alert(1)" not in page(admin)
    assert "&lt;script&gt;alert(1)" in page(admin)
    assert (
        "<script>alert(1)" not in admin.get(f"/monitoring/agents/{Agent.objects.get().pk}/").content.decode()
    )


@pytest.mark.parametrize(
    "notes", [None, [], "x", {}, {"top.cpu": 5, "top.memory": ["a"]}, {"other": "x" * 10**6}]
)
def test_odd_notes_spoil_nothing_and_show_nothing(key: str, admin: Client, notes: Any) -> None:
    assert send(key, report(sweep(notes=notes))).json()["accepted"] == 1
    assert "Top processes" not in page(admin)
    assert Agent.objects.get().top_processes == {}


def test_a_sweep_of_the_future_says_nothing(key: str) -> None:
    send(key, report(sweep(-4000, notes=NOTES)))
    assert Agent.objects.get().processes_at is None


def test_no_event_a_minute(key: str) -> None:
    before = Agent.objects.get().events.count()
    send(key, report(sweep(60, notes=NOTES)))
    send(key, report(sweep(notes={"top.cpu": "other[1] 1.0 %"})))
    assert Agent.objects.get().events.count() == before
    assert json.dumps(Agent.objects.get().top_processes).count("other") == 1


@pytest.mark.parametrize("hidden", [["top_processes"], None])
def test_who_may_not_see_it_does_not(key: str, hidden: list[str] | None) -> None:
    """Either the field is hidden, or agents are not for this role at all."""
    send(key, report(sweep(notes=NOTES)))
    user, role = User.objects.create_user("lia", "lia@example.net", "x"), Role.objects.create(name="some")
    for resource in ("inventory.device", "monitoring.check"):
        Permission.objects.create(role=role, resource=resource, actions=["view"])
    if hidden:
        Permission.objects.create(
            role=role, resource="monitoring.agent", actions=["view"], hidden_fields=hidden
        )
    user.roles.add(role)
    client = Client()
    client.force_login(user)
    assert "postgres" not in page(client)
