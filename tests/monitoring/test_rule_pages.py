"""Rules on their pages: when they speak in words, and that each of the built-in ones can be changed."""

from collections.abc import Callable

import pytest
from django.test import Client

from core.models import User
from monitoring.models import Rule
from tests.core.conftest import allow as allow
from tests.core.conftest import person as person
from tests.core.resource_kit import administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


def test_the_list_says_in_words_when_a_rule_speaks(admin: Client) -> None:
    page = admin.get("/monitoring/rules/").content.decode()
    assert "CPU usage greater than 90% for 15\N{NO-BREAK SPACE}min" in page
    assert "Time since the last answer greater than 5\N{NO-BREAK SPACE}min" in page
    assert "Interface up: down for 1\N{NO-BREAK SPACE}min" in page
    assert "check.age" not in page


def test_what_is_hidden_is_not_said_in_words(
    client: Client, person: Callable[..., User], allow: Callable[..., object]
) -> None:
    user = person("ann")
    allow(user, "monitoring.rule", ["view"], None, ["threshold"])
    client.force_login(user)
    assert "greater than" not in client.get("/monitoring/rules/").content.decode()


def test_every_built_in_rule_can_be_saved_as_it_is(admin: Client) -> None:
    for rule in Rule.objects.all():
        form = admin.get(f"/monitoring/rules/{rule.pk}/edit/").context["form"]
        shown = {name: form[name].value() for name in form.fields}
        sent = {name: value for name, value in shown.items() if value is not None and value is not False}
        answer = admin.post(f"/monitoring/rules/{rule.pk}/edit/", sent)
        assert answer.status_code == 302, (rule.name, answer.context and answer.context["form"].errors)


def test_a_metric_that_is_none_is_refused(admin: Client) -> None:
    rule = Rule.objects.get(key="no-data")
    answer = admin.patch(
        f"/api/v1/rules/{rule.pk}/", {"metric": "check.nothing"}, content_type="application/json"
    )
    assert answer.status_code == 400 and "metric" in answer.json()
