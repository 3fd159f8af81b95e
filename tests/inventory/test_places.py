"""The tree of a site's places."""

from collections import Counter

import pytest
from django.test import Client

from inventory.models import Device, Location, Site
from inventory.places import tree
from tests.core.resource_kit import administrator


def place(pk: int, parent: int | None) -> Location:
    return Location(pk=pk, name=f"p{pk}", parent_id=parent)


def test_numbers_add_up_and_the_chosen_place_is_open() -> None:
    nodes = tree([place(1, None), place(2, 1), place(3, 2), place(4, None)], Counter({3: 2, 1: 1}), chosen=3)
    assert [(one["label"], one["count"], one["open"]) for one in nodes] == [("p1", 3, True), ("p4", 0, False)]
    assert nodes[0]["children"][0]["children"][0]["count"] == 2


def test_an_unseen_parent_and_a_loop_do_no_harm() -> None:
    assert [one["label"] for one in tree([place(2, 99)], Counter(), None)] == ["p2"]
    assert tree([place(1, 2), place(2, 1)], Counter(), None) == []


@pytest.mark.django_db
def test_site_page_shows_its_places(client: Client) -> None:
    client.force_login(administrator())
    site = Site.objects.create(name="Zurich")
    floor = Location.objects.create(name="Floor 2", site=site)
    room = Location.objects.create(name="Room 2.1", site=site, parent=floor)
    Device.objects.create(name="core1", site=site, location=room)
    for url in (f"/inventory/sites/{site.pk}/", f"/inventory/locations/{room.pk}/"):
        page = client.get(url).content.decode()
        assert "Floor 2" in page and "Room 2.1" in page
