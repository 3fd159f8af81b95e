"""Every kind of page, in light, in dark and on a phone: what axe finds, and that nothing is too wide."""

from collections.abc import Callable, Iterator

import pytest

from core.models import Credential, Tag, User
from core.resources.base import Resource, all_resources
from inventory.models import Device
from monitoring.models import Channel, Route
from tests.browser.conftest import Opener
from tests.browser.looks import faults
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


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_accessible_and_fit(open_page: Opener, admin: User, company: Device, kind: str) -> None:
    page = open_page("/account/profile/", admin)
    assert [fault for path in KINDS[kind]() for fault in faults(page, path)] == []
