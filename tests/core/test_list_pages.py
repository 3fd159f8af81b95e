"""What a list says beside its rows: page sizes that matter, heads that fit, empty lists that help."""

from collections.abc import Callable

import pytest
from django.db.models import PROTECT, Model
from django.test import Client

from core.models import Permission, User
from core.resources import Resource, all_resources
from core.resources.pages.list import sizes_for
from inventory.models import Device, Service
from monitoring.models import Rule
from tests.core.resource_kit import administrator

pytestmark = pytest.mark.django_db
OTHERS = ("users", "alerts")  # who looks is a user; alerts have a page of their own
RESOURCES = sorted((one for one in all_resources() if one.plural not in OTHERS), key=lambda one: one.plural)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


@pytest.mark.parametrize(
    ("count", "chosen", "offered"),
    [
        (0, 50, []),
        (25, 50, []),
        (26, 50, [25, 50]),
        (50, 50, [25, 50]),
        (51, 50, [25, 50, 100]),
        (30, 250, [25, 50, 250]),
        (10_000, 50, [25, 50, 100, 250, 500]),
    ],
)
def test_page_sizes_that_make_a_difference(count: int, chosen: int, offered: list[int]) -> None:
    assert sizes_for(count, chosen) == offered


def test_a_short_list_offers_no_page_sizes(admin: Client) -> None:
    Device.objects.create(name="one")
    assert "25 a page" not in admin.get("/inventory/devices/").content.decode()


def test_no_head_names_a_unit_over_cells_with_units(admin: Client) -> None:
    Rule.objects.update(for_seconds=900)
    answer = admin.get("/monitoring/rules/?columns=name,for_seconds,condition")
    assert "15\N{NO-BREAK SPACE}min" in answer.content.decode()
    labels = [head["label"] for head in answer.context["heads"]]
    assert "Held for" in labels and "For seconds" not in labels
    rule = Rule.objects.first()
    groups = admin.get(f"/monitoring/rules/{rule and rule.pk}/").context["groups"]
    assert "Held for" in [item["label"] for group in groups for item in group["items"]]


def empty(model: type[Model]) -> None:
    for relation in model._meta.related_objects:
        if relation.on_delete is PROTECT and relation.related_model is not model:
            empty(relation.related_model)
    model._default_manager.all().delete()


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.plural)
def test_every_empty_list_says_what_it_is_for(admin: Client, resource: Resource) -> None:
    empty(resource.model)
    page = admin.get(resource.url("list")).content.decode()
    assert f"No {resource.noun} yet" in page
    assert resource.purpose.split(".")[0] in page
    if resource.allows("add"):
        assert f'href="{resource.url("add")}"' in page.partition("empty-state")[2]
    assert 'aria-label="Filter this list"' not in page, "there is nothing to filter"


def test_who_sees_a_part_is_not_told_that_there_is_nothing(
    client: Client, person: Callable[..., User], allow: Callable[..., Permission]
) -> None:
    Service.objects.create(name="Mail")
    user = person("ann")
    allow(user, "inventory.service", ["view"], {"name": "none"})
    client.force_login(user)
    page = client.get("/inventory/services/").content.decode()
    assert "No services that you may see" in page and "Mail" not in page
    assert "Add the first" not in page


def test_cells_carry_their_labels_for_phones(admin: Client) -> None:
    Device.objects.create(name="one", serial="S-1")
    page = admin.get("/inventory/devices/?columns=name,serial,asset_tag,status").content.decode()
    assert 'data-label="Serial number">S-1' in page
    assert 'class="is-empty" data-label="Asset tag"' in page
    assert 'class="col-state" data-label="Status"' in page


def test_a_hidden_status_stays_out_of_the_title(
    client: Client, person: Callable[..., User], allow: Callable[..., Permission]
) -> None:
    device = Device.objects.create(name="one", status="retired")
    user = person("ann")
    allow(user, "inventory.device", ["view"], None, ["status"])
    client.force_login(user)
    assert "Retired" not in client.get(f"/inventory/devices/{device.pk}/").content.decode()
