"""The pages of a device and of an interface in a real browser."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.models import User
from inventory.models import Device, Interface
from monitoring.ingest import SweepInput, ingest
from monitoring.models import Check, Series
from probes.readings import Column, Readings
from tests.browser import watched
from tests.browser.axe import violations
from tests.browser.conftest import Opener
from tests.browser.test_overview import LOOKS, too_wide

pytestmark = pytest.mark.browser


def all_loaded(page: Page) -> None:
    """Everything that waits until it is looked at."""
    for part in ("#interfaces", "#readings", "#history"):
        page.locator(part).scroll_into_view_if_needed()
    expect(page.locator("#ports table")).to_be_visible()
    expect(page.locator(".readings")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_device_page_is_accessible_and_fits(open_page: Opener, admin: User, theme: str, width: int) -> None:
    device = watched.switch(watched.LONG)
    page = open_page(f"/inventory/devices/{device.pk}/", admin, theme=theme, width=width)
    expect(page.locator(".chart .u-over").first).to_be_visible()
    all_loaded(page)
    assert violations(page) == []
    assert too_wide(page) == 0


def test_first_screen_answers(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    page = open_page(f"/inventory/devices/{device.pk}/", admin)
    vitals = page.locator("#vitals")
    expect(vitals).to_contain_text("Up")
    expect(vitals.get_by_role("link").filter(has_text="Fullest disk")).to_contain_text("96.4%")
    expect(page.locator("#alerts")).to_contain_text("Disk usage /var is 96.4%")
    expect(page.locator("#dependencies")).to_contain_text("Mail")
    expect(page.get_by_role("heading", name="Last changes")).to_be_visible()


def test_states_are_drawn_in_words(open_page: Opener, admin: User) -> None:
    check = Check.objects.create(device=watched.switch(), kind="snmp", name="Fans")
    now = time.time() // 60 * 60
    for number in range(10):
        fan = Column("sensor.state", ("Fan 1",), (2 if number > 5 else 0,))
        ingest([SweepInput(check.pk, now - 60 * (9 - number), Readings([fan]))])
    series = Series.objects.get(source=check, metric="sensor.state")
    page = open_page(reverse("monitoring-series", args=[series.pk]), admin)
    cells = page.locator(".chart-legend tbody td")
    expect(cells).to_have_text(["critical", "OK", "OK – warning", "critical"])


def test_charts_draw_points(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    page = open_page(f"/inventory/devices/{device.pk}/", admin)
    chart = page.locator(".chart").filter(has_text="Traffic of the busiest interfaces")
    expect(chart.locator(".chart-legend tbody tr").first).to_contain_text("Mbit/s")
    drawn = page.evaluate(
        """() => { const canvas = document.querySelector('.chart canvas');
        return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
            .some((one) => one); }"""
    )
    assert drawn
    with page.expect_response(
        lambda answer: "/series/points/" in answer.url and "compare=604800" in answer.url
    ) as got:
        page.get_by_label("Week before").click()
    assert got.value.ok


def test_ports_can_be_narrowed_and_sorted(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    page = open_page(f"/inventory/devices/{device.pk}/", admin)
    all_loaded(page)
    rows = page.locator("#ports tbody tr")
    expect(rows).to_have_count(24)
    page.get_by_label("Filter interfaces").fill("1/0/1")
    expect(rows).to_have_count(11)
    page.get_by_label("Filter interfaces").fill("uplink")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Uplink <b>")
    page.get_by_label("Filter interfaces").fill("")
    expect(rows).to_have_count(24)
    page.locator("#ports").get_by_role("link", name="In", exact=True).click()
    expect(rows.first).to_contain_text("GigabitEthernet1/0/7")


def test_interface_page_shows_traffic(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    port = Interface.objects.get(device=device, name=watched.PORTS[3])
    page = open_page(f"/inventory/interfaces/{port.pk}/", admin)
    expect(page.locator(".chart-legend tbody tr").first).to_contain_text("bit/s")
    assert violations(page) == []


def test_device_without_checks_says_so(open_page: Opener, admin: User) -> None:
    device = Device.objects.create(name="bare")
    page = open_page(f"/inventory/devices/{device.pk}/", admin)
    expect(page.locator("#vitals")).to_contain_text("Not monitored")
    assert violations(page) == []


def test_device_page_works_without_scripts(open_page: Opener, admin: User) -> None:
    device = watched.switch()
    page = open_page(f"/inventory/devices/{device.pk}/", admin, java_script_enabled=False)
    page.get_by_role("link", name="Show the interfaces").click()
    expect(page.locator("tbody tr")).to_have_count(24)
    expect(page.get_by_role("heading", name=f"Interfaces of {device.name}")).to_be_visible()
