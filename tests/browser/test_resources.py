"""Lists, forms, bulk changes and import of resources in a real browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.models import Tag, User
from inventory.models import Device, DeviceRole, Interface, IPAddress, Location, Site
from tests.browser.axe import violations
from tests.browser.conftest import Opener
from tests.browser.looks import faults

pytestmark = pytest.mark.browser


@pytest.fixture
def company() -> Site:
    """Some devices at two sites."""
    zurich, bern = (
        Site.objects.create(name="Zurich", description="Headquarters"),
        Site.objects.create(name="Bern"),
    )
    role = DeviceRole.objects.get(name="Switch")
    floor = Location.objects.create(name="Floor 2", site=zurich)
    tag = Tag.objects.create(name="edge")
    for number in range(60):
        site = bern if number % 5 == 0 else zurich
        status = ("active", "planned", "maintenance", "retired", "in_stock")[number % 5]
        device = Device.objects.create(
            name=f"sw-{number:02}",
            site=site,
            role=role,
            status=status,
            serial=f"FCW{number:04}",
            address=f"10.0.0.{number}",
            location=floor if site == zurich else None,
        )
        if number % 7 == 0:
            device.tags.add(tag)
    port = Interface.objects.create(
        device=device, name="GigabitEthernet0/1", mac="aa:bb:cc:dd:ee:ff", speed=10**9
    )
    IPAddress.objects.create(address="10.0.0.59/24", interface=port)
    return zurich


def picture(page: Page, name: str) -> None:
    """Kept where ITIM_PICTURES says, for people who want to look."""
    if folder := os.environ.get("ITIM_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


PAGES = (
    "/inventory/devices/",
    "/inventory/services/",
    "/inventory/interfaces/",
    "/inventory/sites/{pk}/",
    "/inventory/devices/add/",
    "/inventory/devices/import/",
    "/inventory/sites/{pk}/delete/",
    "/search/?q=sw-0",
    "/core/credentials/add/",
)


def test_pages_are_accessible_and_fit(open_page: Opener, admin: User, company: Site) -> None:
    page = open_page("/account/profile/", admin)
    assert [fault for path in PAGES for fault in faults(page, path.format(pk=company.pk))] == []


def test_a_list_on_a_phone_hides_no_column_and_still_sorts(
    open_page: Opener, admin: User, company: Site
) -> None:
    page = open_page("/inventory/devices/?q=sw-07", admin, width=390)
    row = page.locator(".list tbody tr")
    for text in ("sw-07", "Zurich", "Switch", "10.0.0.7", "FCW0007", "Maintenance", "Not monitored"):
        expect(row).to_contain_text(text)
    expect(row.locator("td[data-label='Device type']")).to_be_hidden()
    box, name = row.bounding_box(), row.locator(".col-main").bounding_box()
    assert box and name and box["height"] < 150 and name["width"] > 250
    shell = page.locator(".table-scroll")
    assert shell.evaluate("one => one.scrollWidth <= one.clientWidth"), "the list scrolls sideways"
    page.goto("/inventory/devices/")
    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page).to_have_url(re.compile("sort=-name"))
    expect(page.locator(".list tbody tr").first).to_contain_text("sw-59")
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-bulk-count]").first).to_have_text("50")


def test_filter_select_and_change_many(open_page: Opener, admin: User, company: Site) -> None:
    page = open_page("/inventory/devices/?per_page=25", admin)
    page.get_by_label("Search this list").fill("sw-0")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("q=sw-0"))
    expect(page.locator(".list tbody tr")).to_have_count(10)
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-bulk-count]").first).to_have_text("10")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Set description").check()
    page.get_by_label("Description", exact=True).fill("looked at")
    page.get_by_role("button", name="Change 10 devices").click()
    expect(page.get_by_text("10 devices are changed.")).to_be_visible()
    assert Device.objects.filter(description="looked at").count() == 10


def test_add_a_device_with_a_site_found_by_typing(open_page: Opener, admin: User, company: Site) -> None:
    page = open_page("/inventory/devices/add/", admin)
    page.get_by_label("Name", exact=True).fill("new-box")
    page.locator("#id_site + .ts-wrapper .ts-control").click()
    page.keyboard.type("Zur")
    page.locator(".ts-dropdown .option", has_text="Zurich").first.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="new-box")).to_be_visible()
    assert Device.objects.get(name="new-box").site == company


def test_import_by_preview(open_page: Opener, admin: User, company: Site) -> None:
    page = open_page("/inventory/devices/import/", admin)
    content = b"name,site,serial\nfresh,Zurich,1\nsw-01,Zurich,NEW\nbad,Nowhere,2\n"
    page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": "boxes.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("There is no site 'Nowhere'")).to_be_visible()
    picture(page, "preview")
    assert violations(page) == []
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_text("1 added, 1 changed")).to_be_visible()
    assert Device.objects.get(name="sw-01").serial == "NEW"


def test_palette_finds_by_mac(open_page: Opener, admin: User, company: Site) -> None:
    page = open_page("/inventory/sites/", admin)
    page.keyboard.press("Control+k")
    page.keyboard.type("aabb.ccdd.eeff")
    option = page.get_by_role("option").filter(has_text="GigabitEthernet0/1")
    expect(option).to_be_visible()
    option.click()
    expect(page.get_by_role("heading", name="GigabitEthernet0/1")).to_be_visible()


def test_filters_fold_on_a_phone(open_page: Opener, admin: User, company: Site) -> None:
    page = open_page("/inventory/devices/?status=active", admin, width=390)
    button = page.get_by_role("button", name="Filters (1)")
    expect(page.get_by_role("button", name="Filter", exact=True)).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("button", name="Filter", exact=True)).to_be_visible()
    assert violations(page) == []


def test_a_credential_asks_for_what_its_kind_needs(open_page: Opener, admin: User) -> None:
    page = open_page("/core/credentials/add/", admin)
    page.get_by_label("Kind").select_option("snmp-user")
    expect(page.get_by_label("Community")).to_be_hidden()
    expect(page.locator("label:visible", has_text="User")).not_to_contain_text("optional")
    expect(page.locator("label:visible", has_text="Encryption password")).to_contain_text("optional")
    page.get_by_label("Kind").select_option("http-bearer")
    expect(page.locator("label:visible", has_text="Token")).not_to_contain_text("optional")


def test_a_selection_that_back_brings_again_can_be_used(
    open_page: Opener, admin: User, company: Site
) -> None:
    page = open_page("/inventory/devices/", admin)
    page.locator("input[data-select]").nth(0).check()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("heading", name="Edit 1 device")).to_be_visible()
    page.go_back()
    if page.locator("input[data-select]").nth(0).is_checked():
        expect(page.get_by_role("button", name="Delete")).to_be_visible()
    else:
        expect(page.get_by_role("button", name="Delete")).to_be_hidden()
