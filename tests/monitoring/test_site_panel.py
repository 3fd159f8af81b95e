"""How the devices of a site are, on its page, and the page of devices by state narrowed to it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import Device, Site
from monitoring.models import Check
from tests.core.resource_kit import administrator
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(client: Client) -> Site:
    """Zurich with one device up, one down and one unwatched; Bern with one down."""
    client.force_login(administrator())
    zurich, bern = Site.objects.create(name="Zurich"), Site.objects.create(name="Bern")
    for name, at, status in (("a", zurich, "ok"), ("b", zurich, "failed"), ("c", bern, "failed")):
        make.check(Device.objects.create(name=name, site=at), status=status)
    Check.objects.update(last_run=timezone.now() - timedelta(seconds=5))
    Device.objects.create(name="d", site=zurich)
    make.fire(Device.objects.get(name="b"), Check.objects.get(device__name="b"))
    return zurich


def test_a_site_says_how_its_devices_are(client: Client, site: Site) -> None:
    page = client.get(f"/inventory/sites/{site.pk}/")
    (panel,) = [one for one in page.context["panels"] if one.template == "monitoring/panels/site.html"]
    counts = {one["state"]: one["count"] for one in panel.context["states"]}
    assert counts == {"up": 1, "down": 1, "unwatched": 1}
    assert panel.context["alerts"] == 1
    for one in panel.context["states"]:
        assert len(client.get(one["url"]).context["lines"]) == one["count"]


def test_an_empty_site_says_nothing_of_it(client: Client, site: Site) -> None:
    empty = Site.objects.create(name="Empty")
    assert "Devices in service" not in client.get(f"/inventory/sites/{empty.pk}/").content.decode()


@pytest.mark.parametrize("key", ["x", "0", "9" * 30])
def test_a_site_that_is_none_is_not_found(client: Client, site: Site, key: str) -> None:
    assert client.get("/monitoring/devices/", {"site": key}).status_code == 404
