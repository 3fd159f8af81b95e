"""The main job, whole: a person adds a device by form, watches it, it breaks, the alert and the mail arrive.

Nothing stands in for a part: the launcher starts web server, worker and beat on PostgreSQL and Valkey, an
SNMP agent is a process of its own, mail goes to a real SMTP server, and all that the person does is done in
a browser.
"""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect

from itim.demo.company import COMMUNITY, DEVICES
from tests import servers
from tests.browser.conftest import REPORT_BREACHES
from tests.flows.up import ROOT, Up, free_port, until

pytestmark = [pytest.mark.browser, pytest.mark.flow]
PASSWORD = "a-password-for-the-main-job"
SWITCH = next(device for device in DEVICES if device.profile == "access" and not device.traits)
PORT_NAME = "GigabitEthernet1/0/2"
AGENT = (
    "import asyncio, sys; from itim.demo import company, simulator; "
    "wanted = [one for one in company.DEVICES if one.name == sys.argv[2]]; "
    "asyncio.run(simulator.serve(int(sys.argv[1]), wanted))"
)
SOON = 45_000  # milliseconds: a device is found, polled, and missed within a few intervals of 5 s


class MailServer(Controller):
    """Takes every mail. aiosmtpd greets itself on the port that it was given; port 0 is looked up first."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.arrived = threading.Event()
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.arrived.set()
        return "250 taken"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Up]:
    """`manage.py up` on a database of its own."""
    servers.ensure()
    name, number = f"{servers.DATABASE}_job", 32 + servers.NUMBER
    servers.copy_template(name)
    servers.redis_client(number).flushdb()
    addresses = {"DATABASE_URL": servers.database_url(name), "REDIS_URL": servers.redis_url(number)}
    with Up(tmp_path / "home", ITIM_ADMIN_PASSWORD=PASSWORD, **addresses) as up:
        yield up.await_all()
    servers.drop_database(name)


@pytest.fixture
def agent() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An SNMP agent of one switch, and its UDP port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", AGENT, str(port), SWITCH.name], cwd=ROOT)
    yield process, port
    process.kill()
    process.wait()


@pytest.fixture
def page(browser: Browser, installation: Up) -> Iterator[Page]:
    """A browser at the installation; errors in its console fail the test."""
    address = f"http://127.0.0.1:{installation.port}"
    context = browser.new_context(
        locale="en-US", base_url=address, reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    context.add_init_script(REPORT_BREACHES)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
    yield page
    context.close()
    assert not problems, "the browser's console says: " + "; ".join(problems)


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Username or email").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def go_by_menu(page: Page, label: str) -> None:
    """To a list, by the sidebar's entry."""
    page.locator("#sidebar").get_by_role("link", name=label, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=label, exact=True)).to_be_visible()


def choose(page: Page, label: str, text: str) -> None:
    """Search a field that offers objects, and take the one found."""
    named = page.locator("label", has_text=re.compile(rf"^\s*{label}\b"))
    page.locator(".field", has=named).locator(".ts-control").click()
    page.keyboard.type(text)
    page.get_by_role("option", name=text).first.click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile(r"is (added|saved)\.$"))).to_be_visible()


def add_credential(page: Page) -> None:
    go_by_menu(page, "Credentials")
    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_label("Name").fill("Switches")
    page.get_by_label("Kind").select_option("snmp-community")
    page.get_by_label("Community").fill(COMMUNITY)
    expect(page.get_by_label("Auth protocol")).to_be_hidden()  # another kind's
    save(page)


def add_device(page: Page) -> str:
    """The address of its page."""
    go_by_menu(page, "Devices")
    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_label("Name").fill(SWITCH.name)
    page.get_by_label("Address").fill(SWITCH.address)
    choose(page, "Credential", "Switches")
    save(page)
    return page.url


def set_check(page: Page, kind: str, port: int = 0) -> None:
    """A check that came by itself: another port, every 5 seconds."""
    go_by_menu(page, "Checks")
    row = page.get_by_role("row").filter(has_text=SWITCH.name).filter(has_text=re.compile(kind, re.I))
    page.goto(row.get_attribute("data-href") or "")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Interval").first.fill("5")
    if port:
        page.locator("[name=snmp__port]").fill(str(port))
        expect(page.locator("[name=ping__count]")).to_be_hidden()
    save(page)


def shorten_rule(page: Page) -> None:
    """Three minutes of patience are too long for a test."""
    go_by_menu(page, "Rules")
    page.get_by_role("link", name="Check fails").click()
    page.get_by_role("link", name="Edit").click()
    page.locator("[name=for_seconds]").fill("3")
    save(page)


def add_channel(page: Page, port: int) -> None:
    go_by_menu(page, "Channels")
    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_label("Name").fill("The team")
    page.locator("[name=kind]").select_option("mail")
    page.locator("[name=mail__to]").fill("team@example.net, lead@example.net")
    page.locator("[name=mail__host]").fill("127.0.0.1")
    page.locator("[name=mail__port]").fill(str(port))
    save(page)
    go_by_menu(page, "Routes")
    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_label("Name").fill("Everything")
    choose(page, "Channels", "The team")
    save(page)


def await_interfaces(page: Page, device: str) -> None:
    page.goto(device)

    def shown() -> bool:
        page.reload()
        panel = page.locator("section", has=page.get_by_role("heading", name=re.compile("^Interfaces")))
        if not panel.count():
            return False
        panel.last.scroll_into_view_if_needed()  # it is loaded when it comes into view
        expect(panel.locator("[aria-busy=true], .skeleton")).to_have_count(0)
        return panel.get_by_text(PORT_NAME, exact=True).count() > 0

    until(shown, f"{PORT_NAME} on the device's page", 45)


def await_chart(page: Page, device: str) -> None:
    """A chart with points: uPlot drew it, and says its last value."""
    page.goto(device)

    def drawn() -> bool:
        page.reload()
        charts = page.locator("figure[data-chart]")
        charts.first.scroll_into_view_if_needed()
        expect(charts.locator("[aria-busy]")).to_have_count(0)
        expect(charts.first.locator(".uplot, .chart-note").first).to_be_visible()
        return charts.get_by_role("img", name=re.compile("last")).count() > 0

    until(drawn, "a chart with points on the device's page", 45)


def test_main_job(page: Page, agent: tuple[subprocess.Popen[bytes], int], mail_server: MailServer) -> None:
    process, port = agent
    sign_in(page)
    add_credential(page)
    device = add_device(page)
    set_check(page, "snmp", port)
    set_check(page, "ping")
    add_channel(page, mail_server.port)
    shorten_rule(page)
    await_interfaces(page, device)
    await_chart(page, device)

    process.kill()
    go_by_menu(page, "Alerts")  # nobody reloads it from here on
    alert = page.get_by_role("row").filter(has_text=SWITCH.name).filter(has_text="SNMP")
    expect(alert.first).to_be_visible(timeout=SOON)
    # at once where the ping answers still; a minute later where it may be silent too
    assert mail_server.arrived.wait(75), "no mail came"
    mail = mail_server.mails[0]
    assert SWITCH.name in mail["Subject"]
    assert mail["To"] == "team@example.net, lead@example.net"
    assert SWITCH.name in mail.get_body(("plain",)).get_content()
