"""Nobody gives, takes or touches more than they may do themselves: by page, API, import or action."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import actions, tokens
from core.access import SYSTEM, forget
from core.models import ApiToken, Permission, Role, User

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def clerk(person, allow):
    """Manages people, roles and permissions, and sees the devices of one site without their serials."""
    person("keeper", "administrator")
    user = person("clerk")
    allow(user, "core.*", ["view", "add", "change", "delete"])
    allow(user, "inventory.device", ["view"], {"site__name": "Here"}, ["serial"])
    return user


@pytest.fixture
def web(clerk):
    client = Client()
    client.force_login(clerk, backend=BACKEND)
    return client


@pytest.fixture
def api(clerk):
    """api("post", "permissions/", body) with a token of the clerk."""
    _, token = tokens.create_token(clerk, "t")
    client = Client(headers={"authorization": f"Bearer {token}"})

    def call(method, path, body=None):
        return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")

    return call


@pytest.fixture
def mine(clerk):
    role = Role.objects.create(name="mine")
    role.users.add(clerk)
    return role


@pytest.fixture
def wide():
    """A role that does nothing more than to see all devices."""
    role = Role.objects.create(name="wide")
    Permission.objects.create(role=role, resource="inventory.device", actions=["view"])
    return role


WIDER = [
    ({"resource": "*", "actions": ["*"]}, "every action on everything"),
    ({"resource": "inventory.*", "actions": ["view"]}, "view on inventory.*"),
    ({"resource": "inventory.device", "actions": ["view"]}, 'beyond your limit {"site__name": "Here"}'),
    ({"resource": "inventory.device", "actions": ["view"], "constraint": {"site__name": "There"},
      "hidden_fields": ["serial"]}, "beyond your limit"),
    ({"resource": "inventory.device", "actions": ["delete"], "constraint": {"site__name": "Here"},
      "hidden_fields": ["serial"]}, "delete on inventory.device"),
    ({"resource": "inventory.device", "actions": ["view"], "constraint": {"site__name": "Here"}},
     "serial of inventory.device, which is hidden from you"),
    ({"resource": "core.*", "actions": ["run"]}, "run on core.*"),
]  # fmt: skip
NARROW = {
    "resource": "inventory.device",
    "actions": ["view"],
    "constraint": {"site__name": "Here", "status": "active"},
    "hidden_fields": ["serial"],
}


@pytest.mark.parametrize(("permission", "said"), WIDER)
def test_a_wider_permission_is_refused_by_the_api(api, mine, permission, said):
    answer = api("post", "permissions/", {"role": mine.pk, **permission})
    assert answer.status_code == 403
    assert said in answer.json()["detail"]
    assert not mine.permissions.exists()


def test_a_permission_no_wider_than_ones_own_is_given(api, mine):
    assert api("post", "permissions/", {"role": mine.pk, **NARROW}).status_code == 201
    assert mine.permissions.get().constraint == NARROW["constraint"]


def test_a_permission_is_not_widened_by_a_change(api, mine):
    made = api("post", "permissions/", {"role": mine.pk, **NARROW}).json()
    answer = api("patch", f"permissions/{made['id']}/", {"constraint": None})
    assert answer.status_code == 403
    answer = api("patch", "permissions/", [{"id": made["id"], "resource": "*", "constraint": None}])
    assert answer.status_code == 403
    assert mine.permissions.get().constraint == NARROW["constraint"]


def test_a_wider_permission_is_neither_narrowed_moved_nor_deleted(api, mine, wide):
    """What takes rights from others is a matter for who holds them."""
    stored = wide.permissions.get()
    for body in (NARROW, {"role": mine.pk}, {"hidden_fields": ["serial"]}):
        assert api("patch", f"permissions/{stored.pk}/", body).status_code == 403
    assert api("delete", f"permissions/{stored.pk}/").status_code == 403
    assert wide.permissions.get().constraint is None


def test_nothing_is_added_to_a_wider_role(api, wide):
    answer = api("post", "permissions/", {"role": wide.pk, **NARROW})
    assert answer.status_code == 403
    assert "The role wide may do more than you" in answer.json()["detail"]


def test_a_wider_role_is_not_changed_deleted_entered_or_left(api, clerk, person, wide):
    other = person("other")
    wide.users.add(other)
    for body in ({"name": "x"}, {"users": [clerk.pk, other.pk]}, {"users": []}):
        answer = api("patch", f"roles/{wide.pk}/", body)
        assert answer.status_code == 403
        assert "The role wide may do more than you: view on inventory.device" in answer.content.decode()
    assert api("delete", f"roles/{wide.pk}/").status_code == 403
    assert list(wide.users.all()) == [other]


def test_the_form_says_what_exceeds_and_keeps_the_input(web, mine):
    sent = {"role": mine.pk, "resource": "inventory.*", "actions": "view,delete", "constraint": "null"}
    page = web.post("/core/permissions/add/", sent)
    assert page.status_code == 422
    assert "delete, view on inventory.*" in page.content.decode()
    assert 'value="inventory.*"' in page.content.decode()
    assert not mine.permissions.exists()


def test_import_refuses_memberships_of_a_wider_role_by_row(web, wide):
    table = "name,description,users\nwide,x,clerk\nnew,fine,clerk\n"
    file = SimpleUploadedFile("roles.csv", table.encode())
    page = web.post("/core/roles/import/", {"file": file})
    rows = {row.name: row for row in page.context["rows"]}
    assert rows["wide"].outcome == "rejected"
    assert "may do more than you" in str(rows["wide"].errors)
    assert rows["new"].outcome == "create"
    assert not wide.users.exists()


def test_bulk_edit_refuses_a_wider_role(web, wide, mine):
    sent = {"do": "edit", "_apply": "1", "count": "2", "pk": [wide.pk, mine.pk],
            "_set": ["description"], "description": "x"}  # fmt: skip
    page = web.post("/core/roles/bulk/", sent)
    assert page.status_code == 422 and "may do more than you" in page.content.decode()
    assert not Role.objects.filter(description="x").exists()


def test_a_person_who_may_do_more_is_not_touched(api, web, clerk, person, wide):
    chief = person("chief")
    wide.users.add(chief)
    token, _ = tokens.create_token(chief, "theirs")
    for body in ({"email": "clerk@evil.example"}, {"is_active": False}, {"username": "x"}):
        answer = api("patch", f"users/{chief.pk}/", body)
        assert answer.status_code == 403
        assert "may do more than you by the role wide" in answer.json()["detail"]
    assert api("delete", f"users/{chief.pk}/").status_code == 403
    before = User.objects.filter(pk=chief.pk).values().get()
    for act in ("reset-password", "deactivate", "activate", "unlock"):
        page = web.post(f"/core/users/{chief.pk}/{act}/")
        assert page.status_code == 403 and "by the role wide" in page.content.decode(), act
    for act in (
        lambda: actions.create_token(clerk, chief, "puppet", ["write"]),
        lambda: actions.revoke_token(clerk, token),
        lambda: actions.reset_password(clerk, chief),
    ):
        with pytest.raises(PermissionDenied, match="wide"):
            act()
    assert User.objects.filter(pk=chief.pk).values().get() == before
    assert ApiToken.objects.filter(user=chief).count() == 1


def test_a_superuser_is_touched_by_their_like_alone(api, person):
    root = person("root", is_superuser=True)
    assert api("patch", f"users/{root.pk}/", {"email": "x@example.com"}).status_code == 403
    actions.reset_password(person("boss", "administrator"), root)


def test_a_peer_and_oneself_may_be_changed(api, clerk, person):
    peer = person("peer")
    peer.roles.set(clerk.roles.all())
    answer = api("patch", f"users/{peer.pk}/", {"is_active": False})
    assert answer.status_code == 200, answer.content
    assert api("patch", f"users/{clerk.pk}/", {"first_name": "Cle"}).status_code == 200


def test_only_roles_that_may_be_given_are_offered(web, person, wide, mine):
    other = person("other")
    page = web.get(f"/core/users/{other.pk}/").content.decode()
    assert f'<option value="{mine.pk}">' in page
    assert f'<option value="{wide.pk}">' not in page
    assert web.post(f"/core/users/{other.pk}/give-role/", {"role": wide.pk}).status_code == 403
    assert web.post(f"/core/users/{other.pk}/give-role/", {"role": mine.pk}).status_code == 302
    assert list(other.roles.all()) == [mine]


def test_a_token_gives_no_more_than_its_scopes(person):
    boss = person("boss", "administrator")
    role = Role.objects.create(name="free")
    _, token = tokens.create_token(boss, "t", ["core.*:*"])
    client = Client(headers={"authorization": f"Bearer {token}"})
    wide = {"role": role.pk, "resource": "inventory.device", "actions": ["view"]}
    answer = client.post("/api/v1/permissions/", wide, content_type="application/json")
    assert answer.status_code == 403 and "outside the token" in answer.json()["detail"]
    inside = {"role": role.pk, "resource": "core.tag", "actions": ["view"]}
    answer = client.post("/api/v1/permissions/", inside, content_type="application/json")
    assert answer.status_code == 201


def test_tasks_and_administrators_give_anything(person, wide):
    ann, boss = person("ann"), person("boss", "administrator")
    actions.give_role(SYSTEM, ann, wide)
    actions.take_role(boss, ann, wide)
    actions.give_role(boss, ann, Role.objects.get(name="administrator"))
    forget(ann)
    actions.give_role(ann, boss, wide)


def test_rights_given_in_one_change_do_not_serve_the_next_in_it(api, mine):
    """A list is judged by what one held before it."""
    both = [
        {"role": mine.pk, "resource": "inventory.device", "actions": ["delete"]},
        {"role": mine.pk, "resource": "inventory.device", "actions": ["delete"], "constraint": {"pk": 1}},
    ]
    assert api("post", "permissions/", both).status_code == 403
    assert not mine.permissions.exists()
