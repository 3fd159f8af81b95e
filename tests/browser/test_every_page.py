"""Every kind of page, in light and dark: what axe finds, and that nothing is wider than the screen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from core.models import Credential, Tag, User
from core.resources.base import Resource, all_resources
from inventory.models import Device
from monitoring.models import Channel, Route
from tests.browser.axe import violations
from tests.browser.conftest import Opener
from tests.browser.watched import LONG, switch

pytestmark = pytest.mark.browser
OWN = (
    "/",
    "/history/",
    "/search/",
    "/search/?q=fra",
    "/monitoring/alerts/",
    "/monitoring/devices/",
    "/monitoring/top/",
    "/monitoring/agents/",
    "/monitoring/agents/new/",
    "/api/v1/docs/",
    "/api/v1/docs/devices/",
    "/account/profile/",
    "/account/tokens/",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/inventory/devices/import/",
    "/inventory/devices/?status=active&q=fra",
    "/inventory/devices/?q=nothing-has-it",
)
LOOKS = [("light", 1280), ("dark", 1280), ("light", 390)]


@pytest.fixture
def company(admin: User) -> Device:
    """A row of nearly everything, one with a name that will not break."""
    device = switch()
    switch(LONG)
    Tag.objects.create(name="edge")
    Credential.objects.create(name="reader", kind="snmp-community", secret={"community": "hidden-away"})
    channel = Channel.objects.create(name="On duty", kind="mail", options={"to": ["ops@example.net"]})
    Route.objects.create(name="All").channels.add(channel)
    return device


def lists() -> Iterator[str]:
    return (one.url("list") for one in all_resources())


def forms() -> Iterator[str]:
    return (one.url("add") for one in all_resources() if one.allows("add"))


def things() -> Iterator[str]:
    for one in all_resources():
        first = one.model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        if first is not None:
            yield one.url("detail", first)


def changes(of: tuple[str, ...] = ("devices", "rules", "credentials", "channels")) -> Iterator[str]:
    known: list[Resource] = [one for one in all_resources() if one.plural in of]
    for one in known:
        first = one.model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        yield from (one.url(page, first) for page in ("edit", "delete"))


KINDS: dict[str, Callable[[], Iterator[str]]] = {
    "own": lambda: iter(OWN),
    "lists": lists,
    "forms": forms,
    "things": things,
    "changes": changes,
}


READY = "!document.querySelector('select[data-choices]:not(.tomselected)')"


def faults(page: Page, path: str, axe: bool) -> list[str]:
    answer = page.goto(path)
    page.wait_for_function(READY)
    found = violations(page) if axe else []
    if answer is None or answer.status != 200:
        found.append(f"status {answer.status if answer else 'none'}")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the screen")
    if not page.title().endswith(" · ITIM") or page.title().startswith((" ", "ITIM")):
        found.append(f"title {page.title()!r}")
    return [f"{path}: {one}" for one in found]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_accessible_and_fit(
    open_page: Opener, admin: User, company: Device, kind: str, theme: str, width: int
) -> None:
    page = open_page("/account/profile/", admin, theme=theme, width=width)
    assert [fault for path in KINDS[kind]() for fault in faults(page, path, axe=width > 400)] == []
