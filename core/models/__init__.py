"""Users, roles, tokens, credentials and tags."""

from core.models.credential import Credential
from core.models.item import Item, Tag
from core.models.user import User

__all__ = ["Credential", "Item", "Tag", "User"]
