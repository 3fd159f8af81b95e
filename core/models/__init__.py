"""Users, roles, tokens, credentials, tags and saved views."""

from core.models.credential import Credential
from core.models.item import Item, Tag
from core.models.relation_change import RelationChange
from core.models.role import Permission, Role
from core.models.token import ApiToken
from core.models.upload import Upload
from core.models.user import User
from core.models.view import SavedView

__all__ = [
    "ApiToken",
    "Credential",
    "Item",
    "Permission",
    "RelationChange",
    "Role",
    "SavedView",
    "Tag",
    "Upload",
    "User",
]
