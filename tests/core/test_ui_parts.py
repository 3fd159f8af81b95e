"""Template tags, the menu, states and sparklines: what pages are built from."""

import math
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from core import icon_checks, icons, menu, sparklines, states
from core.models import Tag, User


def render(source: str, **values: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(values))


def test_icon_is_drawn_and_hidden_from_readers() -> None:
    html = render('{% icon "server" %}')
    assert 'data-icon="server"' in html
    assert 'aria-hidden="true"' in html
    assert "<path" in html
    assert "M0 0h24v24H0z" not in html  # Tabler's invisible frame


def test_icon_with_a_label_speaks_and_escapes_it() -> None:
    assert 'aria-label="&lt;b&gt;"' in render('{% icon "server" label %}', label="<b>")


@override_settings(DEBUG=True)
def test_missing_icon_fails_in_development() -> None:
    with pytest.raises(icons.MissingIcon, match="no-such-icon"):
        render('{% icon "no-such-icon" %}')


def test_missing_icon_is_blank_in_production() -> None:
    assert "<path" not in render('{% icon "no-such-icon" %}')


@pytest.mark.parametrize("name", ["../../../etc/passwd", "Server", "a/b", "", "server\n"])
def test_icon_names_cannot_leave_the_folder(name: str) -> None:
    with pytest.raises(icons.MissingIcon):
        icons.shapes(name)


def test_every_icon_that_is_named_exists() -> None:
    assert icon_checks.icons_exist() == []


def test_check_names_the_template_and_the_icon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icon_checks, "named_icons", lambda: iter([("no-such-icon", "templates/x.html")]))
    (problem,) = icon_checks.icons_exist()
    assert "no-such-icon" in problem.msg and problem.obj == "templates/x.html"


def test_part_takes_a_body_and_escapes_values() -> None:
    html = render('{% part "panel" title=title %}<p>{{ inside }}</p>{% endpart %}', title="<b>", inside="<i>")
    assert "&lt;b&gt;" in html
    assert "<p>&lt;i&gt;</p>" in html


def test_part_does_not_leak_the_page_into_itself() -> None:
    assert "secret" not in render('{% part "panel" %}x{% endpart %}', foot="secret")


@pytest.mark.parametrize(
    ("value", "tone", "label"),
    [
        ("up", "ok", "Up"),
        ("In Stock", "off", "In stock"),
        ("DOWN", "bad", "Down"),
        (None, "off", "Unknown"),
        ("", "off", "Unknown"),
        (True, "ok", "Yes"),
        (False, "off", "No"),
        ("never_heard-of", "off", "Never heard-of"),
    ],
)
def test_state_has_a_tone_and_a_word(value: object, tone: str, label: str) -> None:
    state = states.of(value)
    assert (state.tone, state.label) == (tone, label)
    html = render("{% state_badge value %}", value=value)
    assert f'data-tone="{tone}"' in html and label in html and "<svg" in html


def test_state_cannot_be_declared_twice_differently() -> None:
    assert states.add("up", "Up", "ok") == states.of("up")
    with pytest.raises(states.DuplicateState):
        states.add("up", "Running", "ok")


@pytest.mark.parametrize(
    ("source", "tone"),
    [
        ("{% meter 79.9 %}", "ok"),
        ("{% meter 80 %}", "warn"),
        ("{% meter 90 %}", "bad"),
        ("{% meter 250 %}", "bad"),
        ("{% meter nothing %}", "off"),
        ("{% meter 15 low=True warn=20 bad=10 %}", "warn"),
        ("{% meter 5 low=True warn=20 bad=10 %}", "bad"),
        ("{% meter 50 low=True warn=20 bad=10 %}", "ok"),
    ],
)
def test_meter_takes_its_tone_from_the_thresholds(source: str, tone: str) -> None:
    assert f'data-tone="{tone}"' in render(source, nothing=None)


def test_sparkline_breaks_at_gaps() -> None:
    drawing = sparklines.draw([1, 2, None, 3, None, 4, 5])
    assert len(drawing.lines) == 2
    assert len(drawing.dots) == 1
    assert drawing.lines[0].split()[-1] == "16.67,14"


@given(
    st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=60), st.booleans()
)
def test_sparkline_stays_in_its_box(values: list[float | None], zero: bool) -> None:
    drawing = sparklines.draw(values, zero)
    pairs = [pair.split(",") for run in (*drawing.lines, *drawing.areas) for pair in run.split()]
    points = [(float(x), float(y)) for x, y in pairs] + list(drawing.dots)
    assert all(0 <= x <= sparklines.WIDTH and 0 <= y <= sparklines.HEIGHT for x, y in points)
    assert all(math.isfinite(number) for point in points for number in point)


def test_sparkline_speaks() -> None:
    assert 'aria-label="CPU: between 1% and 9%, last 3%"' in render(
        '{% sparkline values "CPU" "%" %}', values=[1, 9, None, 3]
    )


@pytest.fixture
def empty_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "_entries", {})


def test_menu_orders_sections_and_marks_the_page(empty_menu: None) -> None:
    menu.add("Administration", "Parts", "ui", "palette")
    menu.add("Zoo", "Points", "ui-points", "paw", order=5)
    menu.add("", "Sign in", "account_login", "login")
    menu.add("Tickets", "Not there yet", "no-such-address", "ticket")
    request = RequestFactory().get("/ui/points/")
    request.user = User(username="ada")
    found = menu.sections(request)
    assert [section["label"] for section in found] == ["", "Zoo", "Administration"]
    active = [line["label"] for section in found for line in section["entries"] if line["active"]]
    assert active == ["Points"]


@pytest.mark.django_db
def test_menu_shows_only_what_one_may(empty_menu: None) -> None:
    menu.add("Inventory", "Tags", "ui", "tag", resource=Tag)
    request = RequestFactory().get("/")
    request.user = User.objects.create_user("nobody")
    assert menu.sections(request) == []
    request.user = User.objects.create_superuser("root")
    assert [section["label"] for section in menu.sections(request)] == ["Inventory"]


def test_menu_refuses_two_entries_for_one_address(empty_menu: None) -> None:
    menu.add("Inventory", "Tags", "ui", "tag")
    menu.add("Inventory", "Tags", "ui", "tag")
    with pytest.raises(menu.DuplicateEntry):
        menu.add("Inventory", "Labels", "ui", "tag")


def test_menu_of_a_stranger_is_empty(empty_menu: None) -> None:
    menu.add("Inventory", "Tags", "ui", "tag")
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert (
        Template("{% load ui %}{% menu_sections as found %}{{ found }}").render(Context({"request": request}))
        == "[]"
    )


@pytest.mark.parametrize("path", ["/ui/", "/ui/points/"])
@pytest.mark.django_db
def test_stranger_is_sent_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize("query", ["start=x", "start=5&end=1", "start=nan&end=1", "end=inf"])
def test_points_refuse_nonsense(admin_client: Client, query: str) -> None:
    answer = admin_client.get(f"/ui/points/?{query}")
    assert answer.status_code == 400
    assert "start" in answer.json()["detail"]


def test_pages_hold_no_inline_code(admin_client: Client) -> None:
    html = admin_client.get("/ui/").content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert "<script>" not in html
    assert "onclick" not in html


@pytest.mark.parametrize("path", ["/there-is-nothing/", "/account/login/"])
@pytest.mark.django_db
def test_every_page_has_a_policy_without_inline(client: Client, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
