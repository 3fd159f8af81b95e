"""The resources of core itself: people, roles, credentials, tags."""

from core.forms import CredentialForm
from core.models import Credential, Permission, Role, Tag, User
from core.resources.base import Action, Resource, register
from core.resources.forms import ResourceForm
from core.resources.writing import Change


class CredentialResourceForm(CredentialForm, ResourceForm):
    """The typed fields of each kind stand for `secret`."""

    covers = ("secret",)

    def change(self) -> Change:
        """With the secret fields that were typed, over those that are stored."""
        found = super().change()
        found.values["secret"] = self.cleaned_data["secret"]
        return found


@register
class TagResource(Resource):
    """Words of your own on anything: lists filter by them, rules pick devices by them."""

    model = Tag
    columns = ("name", "color")
    fields = ("name", "color")
    filters = ("color",)
    search = ("name",)
    natural_key = ("name",)
    icon = "tag"


@register
class CredentialResource(Resource):
    """What ITIM logs in with: SNMP communities and users, passwords, tokens. Encrypted, never shown again."""

    model = Credential
    columns = ("name", "kind", "description", "tags", "updated_at")
    fields = ("name", "kind", "secret", "description")
    filters = ("kind", "tags")
    search = ("name", "description")
    natural_key = ("name",)
    operations = ("add", "change", "delete")
    form = CredentialResourceForm
    icon = "key"


@register
class UserResource(Resource):
    """People who sign in. What they may do comes from their roles."""

    model = User
    columns = ("username", "first_name", "last_name", "email", "is_active", "roles", "last_login")
    fields = (
        ("Person", ("username", "first_name", "last_name", "email")),
        ("Login", ("is_active", "time_zone")),
    )
    read_only = ("is_superuser", "last_login", "date_joined")
    filters = ("is_active", "is_superuser")
    search = ("username", "first_name", "last_name", "email")
    natural_key = ("username",)
    actions = (
        Action("change", "Reset password", "user-reset-password", "key", "They are logged out everywhere."),
        Action("change", "Unlock", "user-unlock", "lock-open"),
        Action(
            "change",
            "Remove second factor",
            "user-remove-second-factor",
            "shield-off",
            applies=lambda user: user.authenticator_set.exists(),
        ),
        Action("change", "Activate", "user-activate", "user-check", applies=lambda user: not user.is_active),
        Action(
            "change",
            "Deactivate",
            "user-deactivate",
            "user-off",
            "Sessions and tokens stop at once.",
            applies=lambda user: user.is_active,
        ),
    )
    icon = "user"


@register
class RoleResource(Resource):
    """What people may do, as a set of permissions. A colleague who only looks gets the viewer role."""

    model = Role
    columns = ("name", "description", "built_in", "users", "permissions")
    fields = ("name", "description", "users")
    read_only = ("built_in",)
    filters = ("built_in",)
    search = ("name", "description")
    natural_key = ("name",)
    icon = "shield"


@register
class PermissionResource(Resource):
    """What a role may do with which objects, down to single rows and fields."""

    model = Permission
    columns = ("role", "resource", "actions", "constraint", "hidden_fields")
    fields = ("role", "resource", "actions", "constraint", "hidden_fields")
    filters = ("role", "resource")
    search = ("resource",)
    natural_key = ("role", "resource", "actions")
    operations = ("add", "change", "delete")
    icon = "lock"


MENU = (
    ("Users", "users-list", "users", User),
    ("Roles", "roles-list", "shield", Role),
    ("Permissions", "permissions-list", "lock", Permission),
    ("Credentials", "credentials-list", "key", Credential),
    ("Tags", "tags-list", "tag", Tag),
)
