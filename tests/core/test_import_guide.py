"""What the import page says of its columns, and its template."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import User
from core.resources.base import all_resources, resource_of
from core.resources.import_guide import guide
from inventory.models import Device, DeviceType, Manufacturer, Site

pytestmark = pytest.mark.django_db
IMPORTABLE = [one for one in all_resources() if one.allows("import")]


@pytest.fixture
def admin(client: Client) -> User:
    made = User.objects.create_superuser("root")
    client.force_login(made)
    return made


def test_columns_say_what_they_take(admin: User) -> None:
    said = {one.name: one for one in guide(resource_of(Device), admin)}
    assert said["name"].need == "tells rows apart, required"
    assert said["serial"].need == "optional"
    assert said["site"].takes == "The name of a site that exists"
    assert said["device_type"].takes == (
        "A device type that exists, as manufacturer / model; manufacturer alone where no other has it"
    )
    assert said["tags"].takes == "Names of tags that exist, separated by commas"
    assert said["status"].takes.startswith("One of planned, ")
    assert said["status"].example == "planned"


def test_examples_are_those_of_a_row_that_is_there(admin: User) -> None:
    kind = DeviceType.objects.create(manufacturer=Manufacturer.objects.create(name="Acme"), model="X1")
    Device.objects.create(name="db, 1", site=Site.objects.create(name="Bern"), device_type=kind)
    said = {one.name: one.example for one in guide(resource_of(Device), admin)}
    assert (said["name"], said["site"], said["device_type"]) == ("db, 1", "Bern", "Acme / X1")


@pytest.mark.parametrize("resource", IMPORTABLE, ids=lambda one: one.plural)
def test_the_page_opens_and_its_template_fits(client: Client, admin: User, resource: object) -> None:
    path = resource.url("import")  # type: ignore[attr-defined]
    assert client.get(path).status_code == 200
    template = client.get(f"{path}?template")
    head = next(csv.reader(io.StringIO(template.content.decode("utf-8-sig"))))
    assert template["Content-Disposition"].endswith('-template.csv"')
    answer = client.post(path, {"file": SimpleUploadedFile("t.csv", f"{','.join(head)}\n".encode())})
    assert answer.status_code == 200 and "There is nothing to import" in answer.content.decode()


def test_a_semicolon_file_in_an_old_encoding_is_read(client: Client, admin: User) -> None:
    Site.objects.create(name="Bern")
    file = SimpleUploadedFile("l.csv", "name;site;description\nzürich-1;Bern;Büro Süd\n".encode("latin-1"))
    shown = client.post("/inventory/devices/import/", {"file": file}).content.decode()
    assert "zürich-1" in shown and "Büro Süd" in shown and "Import 1 row" in shown
