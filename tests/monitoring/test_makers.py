"""A device type is named once by its maker and its model."""

import pytest

from monitoring.facts import without_maker


@pytest.mark.parametrize(
    ("model", "maker", "shown"),
    [
        ("Juniper MX204 Edge Router", "Juniper", "MX204 Edge Router"),
        ("juniper mx204", "Juniper", "mx204"),
        ("MX204", "Juniper", "MX204"),
        ("Juniper", "Juniper", "Juniper"),
        ("C9300-24T", "", "C9300-24T"),
        ("", "Cisco", ""),
    ],
)
def test_the_maker_is_not_said_twice(model, maker, shown):
    assert without_maker(model, maker) == shown
