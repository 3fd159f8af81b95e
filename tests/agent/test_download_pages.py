"""What the server serves to machines that are to get an agent."""

import pytest
from django.test import Client, override_settings

from agent import wheel

PAGES = ["/agent/install.sh", "/agent/itim_agent.whl"]


def test_the_script_names_this_server_and_not_the_clients_idea_of_it() -> None:
    with override_settings(BASE_URL="https://itim.example.org"):
        answer = Client().get("/agent/install.sh", headers={"host": "evil.example.net"})
    assert answer.status_code == 200
    assert b"server=https://itim.example.org\n" in answer.content
    assert b"evil" not in answer.content


def test_the_wheel_comes_under_the_name_that_pip_wants() -> None:
    answer = Client().get("/agent/itim_agent.whl")
    assert answer.content == wheel.build()
    assert wheel.name() in answer["Content-Disposition"]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_known_is_not_sent_again(page: str) -> None:
    tag = Client().get(page)["ETag"]
    again = Client().get(page, headers={"if-none-match": tag})
    assert again.status_code == 304
    assert not again.content


@pytest.mark.parametrize("page", PAGES)
def test_only_reading(page: str) -> None:
    assert Client().head(page).status_code == 200
    assert Client().post(page).status_code == 405
