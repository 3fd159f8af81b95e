"""Users, roles, tokens, credentials and tags."""

from core.models.user import User

__all__ = ["User"]
