"""What no resource shows has no address: not as a column, in an export, by order or by a path over others."""

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.test import Client

from core.models import User
from core.resources import all_resources, resource_named, tables
from inventory.models import Device
from monitoring.models import Agent, Alert
from tests.core.resource_kit import administrator

pytestmark = pytest.mark.django_db
HASH = "argon2$not-for-you"


@pytest.fixture
def boss(client: Client) -> Client:
    """May see everybody and everything."""
    User.objects.filter(pk=administrator().pk).update(password=HASH)
    client.force_login(User.objects.get(username="admin"))
    return client


@pytest.mark.parametrize(
    "url",
    [
        "/core/users/?columns=username,password",
        "/core/users/export/?columns=username,password",
        "/core/users/export/?format=xlsx&columns=username,password",
        "/monitoring/alerts/export/?columns=text,acknowledged_by__password",
        "/monitoring/agents/export/?columns=name,key_hash",
    ],
)
def test_no_column_shows_a_hash(boss: Client, url: str) -> None:
    device = Device.objects.create(name="core1")
    Agent.objects.create(device=device, name="core1", machine_id="m", key_hash=HASH)
    user = User.objects.get(username="admin")
    Alert.objects.create(
        device=device,
        metric="cpu.usage",
        severity="warning",
        status="firing",
        text="too hot",
        started_at=user.date_joined,
        acknowledged_by=user,
    )
    answer = boss.get(url)
    body = b"".join(answer) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        body = repr(tables.read(body, "x.xlsx")).encode()
    body = body.decode()
    assert "admin" in body or "core1" in body or "too hot" in body
    assert HASH not in body


@pytest.mark.parametrize(
    ("plural", "path"),
    [
        ("users", "password"),
        ("users", "password_changed_at"),
        ("alerts", "acknowledged_by__password"),
        ("agents", "key_hash"),
        ("checks", "credential__secret"),
        ("checks", "device__credential__secret"),
    ],
)
def test_no_path_leads_there(boss: Client, plural: str, path: str) -> None:
    resource = resource_named(plural)
    assert resource is not None
    with pytest.raises(FieldDoesNotExist):
        resource.attribute(path)
    assert boss.get(f"/api/v1/{plural}/?ordering={path}").status_code == 400
    assert boss.get(f"/api/v1/{plural}/?fields={path}").status_code == 400


def test_what_resources_name_themselves_is_there() -> None:
    """Else the tests above would hold for an attribute() that finds nothing."""
    for resource in all_resources():
        for path in (*resource.columns, *resource.filters, *resource.search, *resource.readable):
            assert resource.attribute(path).name == path
    interfaces = resource_named("interfaces")
    assert interfaces is not None
    assert interfaces.attribute("device__site__name").kind == "text"
