"""A page in light, in dark and on a phone: what axe finds, whether it is too wide, whether it has a title."""

from playwright.sync_api import Page, ViewportSize
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.axe import violations

READY = "() => !document.querySelector('select[data-choices]:not(.tomselected)')"
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"
CONTRAST = ["color-contrast", "link-in-text-block"]
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 900}


def faults(page: Page, path: str) -> list[str]:
    """Two visits: all rules in light and on a phone, those about color in dark."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    answer = page.goto(path)
    page.wait_for_function(READY)
    found = [] if answer is not None and answer.status == 200 else [f"status {answer and answer.status}"]
    if not page.title().endswith(" · ITIM") or page.title().startswith((" ", "ITIM")):
        found.append(f"title {page.title()!r}")
    found += seen(page, "light")
    page.set_viewport_size(PHONE)
    found += seen(page, "phone")
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark")
    page.goto(path)  # what a change of colors fades in would be measured half way
    page.wait_for_function(READY)
    found += seen(page, "dark", CONTRAST)
    return [f"{path}: {one}" for one in found]


def seen(page: Page, look: str, rules: list[str] | None = None) -> list[str]:
    found = violations(page, rules)
    try:
        page.wait_for_function(FITS, timeout=10_000)  # charts follow a new width a moment later
    except PlaywrightTimeout:
        found.append("wider than the screen")
    return [f"{look}: {one}" for one in found]
