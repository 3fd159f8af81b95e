"""What pages call themselves, and what lines without a name of their own are called."""

import re

import pytest
from django.test import Client

from core.models import Permission, Role, User
from core.recent import Wanted, recent
from inventory.models import Dependency, Device, Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def title(page: Client, path: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page.get(path).content.decode(), re.DOTALL)
    assert found
    return found[1]


def test_titles_name_the_object_and_its_kind(page: Client) -> None:
    device = Device.objects.create(name="core-sw-1")
    base = f"/inventory/devices/{device.pk}/"
    assert title(page, "/inventory/devices/") == "Devices · ITIM"
    assert title(page, base) == "core-sw-1 · Devices · ITIM"
    assert title(page, f"{base}edit/") == "Edit core-sw-1 · Devices · ITIM"
    assert title(page, f"{base}delete/") == "Delete core-sw-1? · Devices · ITIM"


def test_a_dependency_is_called_by_its_two_ends(page: Client) -> None:
    link = Dependency.objects.create(
        service=Service.objects.create(name="Shop"), on_device=Device.objects.create(name="db-1")
    )
    assert "Shop → db-1</a>" in page.get("/inventory/dependencies/").content.decode()
    assert title(page, f"/inventory/dependencies/{link.pk}/") == "Shop → db-1 · Dependencies · ITIM"
    assert "Dependency Shop → db-1 created" in page.get("/history/").content.decode()


def test_history_calls_a_permission_by_what_it_allows(page: Client) -> None:
    role = Role.objects.create(name="helpdesk")
    Permission.objects.create(role=role, resource="inventory.device", actions=["view"])
    names = [change.name for change in recent(User.objects.get(), Wanted(model="core.permission"))]
    assert names[0] == "helpdesk → view → inventory.device"


def test_an_empty_constraint_is_an_empty_box(page: Client) -> None:
    found = page.get("/core/permissions/add/").content.decode()
    assert not re.search(r"<textarea[^>]*name=\"constraint\"[^>]*>\s*null", found)
    assert found.count('name="hidden_fields"') == 1
