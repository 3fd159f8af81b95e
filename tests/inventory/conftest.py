"""People of core's tests, for the pages of inventory."""

from tests.core.conftest import allow, person

__all__ = ["allow", "person"]
