"""A real browser. Every page that a test opens must end without a console error or a breach of the CSP."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from core.models import User
from tests.browser import chromium

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright's loop runs in this thread; the ORM is used between its calls
)
expect.set_options(timeout=15_000)  # only how long a failure takes to show
REPORT_BREACHES = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker."""
    found = chromium.find()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found.path, args=found.arguments, env={**os.environ, **found.environment}
        )
        yield launched
        launched.close()


@pytest.fixture
def admin(transactional_db: None) -> User:
    """A superuser to look with."""
    return User.objects.create_superuser(
        "ada", "ada@example.net", "secret-of-ada", first_name="Ada", last_name="L"
    )


def sign_in(context: BrowserContext, address: str, user: User) -> None:
    """The user's session, as a cookie of this browser."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}])


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Opener]:
    """open_page(path, user=None, theme="light", width=1280, **context options): a page of this server.

    Console errors and CSP breaches of all pages opened so fail the test at its end; a test that provokes one
    removes it from page.problems.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_it(
        path: str, user: User | None = None, theme: Any = "light", width: int = 1280, **options: Any
    ) -> Page:
        context = browser.new_context(
            locale="en-US",
            timezone_id="Europe/Berlin",
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
            base_url=live_server.url,
            **options,
        )
        contexts.append(context)
        context.add_init_script(REPORT_BREACHES)
        if user:
            sign_in(context, live_server.url, user)
        page = context.new_page()
        page.problems = problems  # type: ignore[attr-defined]
        page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not problems, "the browser's console says: " + "; ".join(problems)
