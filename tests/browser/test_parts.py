"""The page with all parts, in a real browser: themes, keys, charts, selection, accessibility, CSP."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from tests.browser.axe import violations
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def draw_charts(page: Page) -> None:
    """Charts load when they are seen: look at each."""
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator(".u-over")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_parts_are_accessible(open_page: Opener, admin: User, theme: str, width: int) -> None:
    page = open_page("/ui/", admin, theme=theme, width=width)
    draw_charts(page)
    assert violations(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_is_never_wider_than_the_screen(open_page: Opener, admin: User, width: int) -> None:
    page = open_page("/ui/", admin, width=width)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_theme_stays_as_chosen(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin, theme="light")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.locator("summary", has_text="Account of ada").click()
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(14, 17, 22)")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(14, 17, 22)")


def test_palette_opens_by_keys_and_closes(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    palette = page.get_by_role("dialog", name="Find anything")
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("nothing is called <b>this")
    expect(palette.locator(".palette-empty")).to_contain_text("nothing is called <b>this")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def test_palette_shows_what_the_server_found(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    found = {
        "label": "<img src=x onerror=alert(1)>",
        "detail": "10.0.0.1",
        "url": "/ui/?found=1",
        "icon": "server",
    }
    answer = {
        "groups": [{"label": "Devices", "icon": "server", "results": [found, {**found, "label": "second"}]}]
    }
    page.route("**/search/**", lambda route: route.fulfill(json=answer))
    page.evaluate("document.getElementById('palette').dataset.url = '/search/'")
    page.keyboard.press("Control+k")
    page.keyboard.type("img")
    options = page.get_by_role("listbox", name="Results").get_by_role("option")
    expect(options.first).to_contain_text("<img src=x onerror=alert(1)>")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/?found=1")


def test_slash_goes_to_the_search_of_the_list(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    page.keyboard.press("/")
    expect(page.get_by_label("Search devices")).to_be_focused()


def test_selection_counts_and_shift_selects_a_run(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    expect(page.locator(".bulk").first).to_be_hidden()
    boxes = page.locator("input[data-select]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator(".bulk").first).to_contain_text("4 selected")
    page.get_by_label("Select all on this page").click()
    expect(page.locator(".bulk").first).to_contain_text("6 selected")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".bulk").first).to_be_hidden()


def asked_for(url: str) -> dict[str, int]:
    """Query of an address of points: start, end, step in seconds; empty of another address."""
    if "/ui/points/" not in url:
        return {}
    return {name: int(text) for name, text in parse_qsl(urlsplit(url).query)}


def span(url: str) -> int:
    query = asked_for(url)
    return query.get("end", 0) - query.get("start", 0)


def test_chart_shows_units_and_reloads_for_a_range(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    chart = page.locator(".chart").first
    expect(chart.locator(".chart-legend tbody tr")).to_have_count(2)
    expect(chart.locator(".chart-legend tbody tr").first).to_contain_text("Mbit/s")
    # other charts of the page may still be asking for their first day
    with page.expect_request(lambda request: span(request.url) == 604800) as asked:
        page.get_by_role("button", name="7d").click()
    assert asked_for(asked.value.url)["step"] == 604800 // 800
    with page.expect_request(lambda request: "compare=604800" in request.url):
        page.get_by_label("Week before").click()


def test_drag_zooms_and_reset_returns(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    draw_charts(page)
    over = page.locator(".chart .u-over").first
    box = over.bounding_box()
    assert box
    with page.expect_request(lambda request: 0.2 < span(request.url) / 86400 < 0.3):
        page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40, steps=5)
        page.mouse.up()
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_visible()
    reset.click()
    expect(reset).to_be_hidden()


def test_times_are_in_the_readers_zone(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    moment = page.locator("time[data-time=exact]").first
    written = page.evaluate(
        "at => new Date(at).toLocaleString('sv-SE', {timeZone: 'Europe/Berlin'}).slice(0, 16)",
        moment.get_attribute("datetime"),
    )
    expect(moment).to_have_text(written)


def test_page_works_without_scripts(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin, java_script_enabled=False)
    page.locator("summary", has_text="Account of ada").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.locator(".needs-js").locator("visible=true").count() == 0


def test_menu_of_the_phone_opens_and_closes(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin, width=390)
    sidebar = page.locator("#sidebar")
    expect(sidebar).not_to_be_visible()
    page.get_by_label("Menu", exact=True).click()
    expect(sidebar).to_be_visible()
    page.keyboard.press("Escape")
    expect(sidebar).not_to_be_visible()
