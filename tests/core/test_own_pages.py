"""The pages of people and credentials as people use them: buttons, typed secrets, history."""

import pytest

from core.access import SYSTEM
from core.actions import save_credential
from core.models import Credential, Role, User
from inventory.models import Site

pytestmark = pytest.mark.django_db
HIDDEN = "s3cr3t-Geheimnis"


def text(response):
    return response.content.decode()


def test_a_credential_is_made_and_changed_by_its_form_without_ever_showing_its_secret(as_person):
    client = as_person("boss", "administrator")
    data = {
        "name": "core",
        "kind": "snmp-user",
        "snmp_user__user": "poller",
        "snmp_user__auth_protocol": "SHA256",
    }
    bad = client.post("/core/credentials/add/", {**data, "snmp_user__auth_password": "short"})
    assert bad.status_code == 422
    assert "at least 8" in text(bad) and "short" not in text(bad).replace("shortcut", "")
    assert not Credential.objects.exists()
    made = client.post(
        "/core/credentials/add/", {**data, "snmp_user__auth_password": HIDDEN, "_why": "new poller"}
    )
    assert made.status_code == 302, text(made)
    stored = Credential.objects.get()
    assert stored.secret == {"user": "poller", "auth_protocol": "SHA256", "auth_password": HIDDEN}
    edit = client.get(f"/core/credentials/{stored.pk}/edit/")
    assert "poller" in text(edit) and HIDDEN not in text(edit)
    client.post(f"/core/credentials/{stored.pk}/edit/", {**data, "snmp_user__user": "other"})
    assert Credential.objects.get().secret == {**stored.secret, "user": "other"}
    page = text(client.get(f"/core/credentials/{stored.pk}/"))
    assert HIDDEN not in page
    assert "new poller" in page and "Secret changed at" in page


def test_a_viewer_sees_that_a_credential_exists_and_no_more(as_person):
    made = save_credential(
        SYSTEM, Credential(name="core", kind="snmp-community"), secret={"community": HIDDEN}
    )
    client = as_person("eve", "viewer")
    assert HIDDEN not in text(client.get(f"/core/credentials/{made.pk}/"))
    assert client.get(f"/core/credentials/{made.pk}/edit/").status_code in (403, 404)
    client.post(f"/core/credentials/{made.pk}/edit/", {"name": "x", "kind": "snmp-community"})
    assert Credential.objects.get().name == "core"


def test_an_administrator_manages_a_person_from_their_page(as_person, person):
    client, ann = as_person("boss", "administrator"), person("ann")
    url = f"/core/users/{ann.pk}/"
    page = text(client.get(url))
    for button in ("reset-password", "deactivate", "unlock", "give-role"):
        assert f'action="{url}{button}/"' in page
    viewer = Role.objects.get(name="viewer")
    shown = text(client.post(f"{url}give-role/", {"role": viewer.pk}, follow=True))
    assert "ann is viewer now" in shown and f'action="{url}take-role/"' in shown
    client.post(f"{url}take-role/", {"role": viewer.pk})
    assert not ann.roles.exists()
    client.post(f"{url}deactivate/")
    assert not User.objects.get(pk=ann.pk).is_active
    boss = User.objects.get(username="boss")
    refused = text(client.post(f"/core/users/{boss.pk}/deactivate/", follow=True))
    assert "cannot deactivate yourself" in refused
    assert User.objects.get(pk=boss.pk).is_active


def test_an_objects_page_shows_its_history_once(as_person):
    client = as_person("op", "operator")
    site = Site.objects.create(name="Old")
    edit = {"name": "New", "status": "active", "_why": "renamed & moved"}
    answer = client.post(f"/inventory/sites/{site.pk}/edit/", edit)
    assert answer.status_code == 302, text(answer)
    page = text(client.get(f"/inventory/sites/{site.pk}/"))
    assert page.count("renamed &amp; moved") == 1
    assert "<del>Old</del>" in page and "<ins>New</ins>" in page
    assert "op ·" in page


def test_a_new_person_without_a_password_gets_one_from_their_page(as_person):
    client = as_person("boss", "administrator")
    client.post("/core/users/add/", {"username": "new", "is_active": "on"})
    new = User.objects.get(username="new")
    page = client.get(f"/core/users/{new.pk}/").content.decode()
    assert "Cannot sign in by password yet" in page and "No role yet" in page
    password = client.post(f"/core/users/{new.pk}/reset-password/").context["password"]
    new.refresh_from_db()
    assert new.check_password(password)
    assert "Cannot sign in by password yet" not in client.get(f"/core/users/{new.pk}/").content.decode()
