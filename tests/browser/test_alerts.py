"""The alert console in a real browser: keys, a choice that survives refreshes, no JavaScript, no barrier."""

import pytest
from playwright.sync_api import Page, expect

from core.models import User
from monitoring.alerting import actions
from monitoring.models import Alert, Channel, Check, Rule
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.monitoring import alert_factory as make

pytestmark = pytest.mark.browser
CONSOLE = "/monitoring/alerts/"
LONG = "Receive errors on " + "x" * 200


@pytest.fixture
def alerts(transactional_db: None) -> list[Alert]:
    """Three alerts, one with a text and a device name far too long."""
    made = [make.fire(make.device(name)) for name in ("edge-1", "edge-2", "y" * 90)]
    Alert.objects.filter(pk=made[2].pk).update(text=LONG, severity="info")
    return made


def refresh(page: Page) -> None:
    """What the timer does, at once; and wait for its answer."""
    with page.expect_response(lambda answer: "/monitoring/alerts/" in answer.url):
        page.evaluate("htmx.trigger('#alerts', 'itim:refresh')")


def test_keys_choose_and_acknowledge(open_page: Opener, admin: User, alerts: list[Alert]) -> None:
    page = open_page(CONSOLE, admin)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    page.keyboard.press("c")
    page.keyboard.type("on my way")
    page.keyboard.press("Tab")
    page.locator(".alert-list tbody tr").first.locator("a").first.focus()
    page.keyboard.press("a")
    expect(page.locator(".toasts")).to_contain_text("1 alert is acknowledged")
    expect(page.locator(".alert-list")).to_contain_text("by Ada L")
    (alert,) = Alert.objects.exclude(acknowledged_at=None)
    assert alert.events.get(kind="acknowledged").text == "on my way"


def test_snooze_by_key(open_page: Opener, admin: User, alerts: list[Alert]) -> None:
    page = open_page(CONSOLE, admin)
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="30 minutes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".toasts")).to_contain_text("1 alert is snoozed")
    assert Alert.objects.exclude(snoozed_until=None).count() == 1


def test_a_choice_survives_the_refresh(open_page: Opener, admin: User, alerts: list[Alert]) -> None:
    page = open_page(CONSOLE, admin)
    page.get_by_label("Select check.up is wrong").first.check()
    page.locator("[data-alert-text]").fill("half a sentence")
    page.locator("h1").click()  # a field in use would put the refresh off
    newest = make.fire(make.device("late-comer"))
    refresh(page)
    expect(page.locator(f"#alert-{newest.pk}")).to_be_visible()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    expect(page.locator("[data-alert-text]")).to_have_value("half a sentence")
    Alert.objects.filter(pk=newest.pk).update(status="resolved")
    refresh(page)
    expect(page.locator(f"#alert-{newest.pk}")).to_have_count(0)


def test_without_javascript(open_page: Opener, admin: User, alerts: list[Alert]) -> None:
    page = open_page(CONSOLE, admin, java_script_enabled=False)
    page.get_by_label("Select check.up is wrong").first.check()
    page.get_by_role("button", name="Acknowledge", exact=False).first.click()
    expect(page.locator("main")).to_contain_text("1 alert is acknowledged")
    page.goto(f"{CONSOLE}{alerts[1].pk}/")
    page.get_by_label("Comment").fill("seen")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".history")).to_contain_text("seen")


def test_no_barriers_and_nothing_sticks_out(open_page: Opener, admin: User, alerts: list[Alert]) -> None:
    actions.acknowledge(alerts[:1], admin, "mine")
    Alert.objects.filter(pk=alerts[1].pk).update(suppressed_by=alerts[0])
    channel = make.channel("webhook", url="https://x.example.com/")
    check = Check.objects.create(device=alerts[0].device, kind="tcp", options={"port": 1})
    pages = [
        CONSOLE,
        f"{CONSOLE}?state=explained",
        f"{CONSOLE}?q=nothing",
        *(f"{CONSOLE}{alert.pk}/" for alert in alerts),
        "/monitoring/agents/",
        "/monitoring/agents/new/",
        "/monitoring/channels/add/",
        f"/monitoring/channels/{Channel.objects.get(pk=channel.pk).pk}/",
        f"/monitoring/checks/{check.pk}/edit/",
        f"/monitoring/rules/{Rule.objects.first().pk}/edit/",  # type: ignore[union-attr]
    ]
    page = open_page("/account/profile/", admin)
    assert [fault for path in pages for fault in faults(page, path)] == []


def test_a_form_shows_the_options_of_its_kind(open_page: Opener, admin: User) -> None:
    page = open_page("/monitoring/channels/add/", admin)
    page.get_by_label("Kind").select_option("webhook")
    expect(page.locator("[name=webhook__url]")).to_be_visible()
    expect(page.locator("[name=mail__to]")).to_be_hidden()
    page.get_by_label("Kind").select_option("mail")
    expect(page.locator("[name=mail__to]")).to_be_visible()
    expect(page.locator("[name=webhook__url]")).to_be_hidden()
