"""The resources of core itself: people, roles, credentials, tags."""

from core.models import Credential, Permission, Role, Tag, User
from core.resources.base import Resource, register


@register
class TagResource(Resource):
    model = Tag
    columns = ("name", "color")
    fields = ("name", "color")
    filters = ("color",)
    search = ("name",)
    natural_key = ("name",)
    icon = "tag"


@register
class CredentialResource(Resource):
    model = Credential
    columns = ("name", "kind", "description", "tags", "updated_at")
    fields = ("name", "kind", "secret", "description")
    filters = ("kind", "tags")
    search = ("name", "description")
    natural_key = ("name",)
    operations = ("add", "change", "delete")
    icon = "key"


@register
class UserResource(Resource):
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
    icon = "user"


@register
class RoleResource(Resource):
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
    model = Permission
    columns = ("id", "role", "resource", "actions", "constraint", "hidden_fields")
    fields = ("role", "resource", "actions", "constraint", "hidden_fields")
    filters = ("role", "resource")
    search = ("resource",)
    natural_key = ("role", "resource", "actions")
    operations = ("add", "change", "delete")
    icon = "lock"
