"""A resource that names what is not there fails at start; its vocabulary stays small."""

import pytest

from core.resources import Resource, register
from core.resources.base import DuplicateResource
from core.resources.checks import check, check_resources
from inventory.models import Device


class Wrong(Resource):
    model = Device
    columns = ("name", "nosuch")
    fields = ("name", "name")
    filters = ("site__nosuch",)
    search = ("name__first",)
    natural_key = ()
    operations = ("add", "import", "explode")
    colunms = ("typo",)


def test_a_dozen_attributes_at_most() -> None:
    names = list(Resource.__annotations__)
    assert len(names) <= 12, "a resource has a dozen attributes at most: an ordinary view does the unusual"


def test_wrong_names_are_told() -> None:
    messages = [str(message.msg) for message in check(Wrong())]
    for word in ("colunms", "nosuch", "site__nosuch", "name__first", "explode", "natural_key", "twice"):
        assert any(word in message for message in messages), word


def test_registered_resources_are_right() -> None:
    assert check_resources(None) == []


def test_a_model_has_one_resource() -> None:
    with pytest.raises(DuplicateResource):

        @register
        class SecondDevice(Resource):
            model = Device
            columns = ("name",)
