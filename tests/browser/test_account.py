"""Signing in and out, and the pages of one's own account, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from core.models import User
from tests.browser.axe import violations
from tests.browser.conftest import Opener
from tests.browser.looks import faults

pytestmark = pytest.mark.browser


def test_sign_in_with_a_wrong_and_a_right_password(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/")
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/ui/"))
    assert violations(page) == []
    page.get_by_label("Username or email").fill("ada")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    assert violations(page) == []
    page.get_by_label("Username or email").fill("ada")
    page.get_by_label("Password", exact=True).fill("secret-of-ada")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/ui/$"))


def test_sign_out_from_the_menu(open_page: Opener, admin: User) -> None:
    page = open_page("/ui/", admin)
    page.locator("summary", has_text="Account of ada").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/ui/")
    expect(page).to_have_url(re.compile(r"/account/login/"))


def test_account_pages_are_accessible(open_page: Opener, admin: User) -> None:
    page = open_page("/account/profile/", admin)
    pages = ("/account/password/change/", "/account/2fa/", "/account/logout/")
    assert [fault for path in pages for fault in faults(page, path)] == []


def test_unknown_address_says_so(open_page: Opener, admin: User) -> None:
    page = open_page("/there-is-nothing/", admin)
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    assert violations(page) == []
    page.problems.clear()  # type: ignore[attr-defined]  # the browser reports the 404 itself


def test_lockout_says_so_and_for_how_long(open_page: Opener, admin: User) -> None:
    page = open_page("/account/login/")
    for _ in range(5):
        page.get_by_label("Username or email").fill("ada")
        page.get_by_label("Password", exact=True).fill("wrong")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many wrong passwords")
    expect(page.get_by_role("main")).to_contain_text("15\N{NO-BREAK SPACE}min")
    assert violations(page) == []
    page.problems.clear()  # type: ignore[attr-defined]  # the browser reports the 429 itself
