"""Addresses in the environment: read, or refused in one line that repeats nothing of a password."""

import pytest

from itim.environment import EnvironmentProblem, database, mail

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("read", "url", "name"),
    [
        (database, f"postgresql://itim:{SECRET}/x@db:5432/itim", "DATABASE_URL"),
        (database, f"postgresql://itim:x@db:{SECRET}/itim", "DATABASE_URL"),
        (database, f"mysql://itim:{SECRET}@db/itim", "DATABASE_URL"),
        (database, f"postgresql://itim:{SECRET}@db", "DATABASE_URL"),
        (mail, f"smtp://itim:{SECRET}/x@mx:25", "EMAIL_URL"),
        (mail, f"imap://itim:{SECRET}@mx", "EMAIL_URL"),
        (mail, f"smtps://itim:{SECRET}@", "EMAIL_URL"),
    ],
)
def test_what_cannot_be_read_is_named_without_its_password(read, url: str, name: str) -> None:
    with pytest.raises(EnvironmentProblem, match=name) as caught:
        read(url)
    assert SECRET not in str(caught.value)


def test_passwords_are_taken_as_they_are_written() -> None:
    assert database("postgresql://itim:p%40s%2Fs@db:5433/itim")["PASSWORD"] == "p@s/s"
    assert mail("smtps://itim:p%40s@mx")["EMAIL_HOST_PASSWORD"] == "p@s"
