"""The overview in a real browser: empty, with devices, by itself, accessible, never wider than the screen."""

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from inventory.models import Device
from monitoring.models import Alert
from tests.browser import watched
from tests.browser.axe import violations
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390)]


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_overview_is_accessible_and_fits(open_page: Opener, admin: User, theme: str, width: int) -> None:
    watched.switch()
    watched.switch(watched.LONG)
    page = open_page("/", admin, theme=theme, width=width)
    expect(page.get_by_role("heading", name="What is broken")).to_be_visible()
    assert violations(page) == []
    assert too_wide(page) == 0


def test_empty_overview_leads_to_the_first_device(open_page: Opener, admin: User) -> None:
    page = open_page("/", admin)
    assert violations(page) == []
    page.get_by_role("link", name="Add a device").click()
    page.wait_for_url("**/inventory/devices/add/")


def test_overview_keeps_itself_fresh(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    page = open_page("/", admin)
    expect(page.get_by_text("Disk usage /var is 96.4%")).to_be_visible()
    Alert.objects.update(status=Alert.Status.RESOLVED)
    watched.alert(device, device.checks.get(), "warning", "A <i>new</i> trouble")
    page.evaluate("document.body.dataset.kept = 'yes'; htmx.trigger('#overview', 'itim:refresh')")
    expect(page.get_by_text("A <i>new</i> trouble")).to_be_visible()
    expect(page.get_by_text("Disk usage /var is 96.4%")).to_be_hidden()
    assert page.locator("body").get_attribute("data-kept") == "yes", "the page was loaded anew"


def test_numbers_lead_to_their_rows(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    page = open_page("/", admin)
    page.locator(".rank").filter(has_text="Disks").get_by_role("link", name="Disks").click()
    expect(page.locator("tbody tr").first).to_contain_text("96.4%")
    page.locator("tbody").get_by_role("link", name=device.name).click()
    page.wait_for_url(f"**/inventory/devices/{device.pk}/")
    assert Device.objects.count() == 1
