"""What monitoring does when the inventory changes."""

from typing import Any

from inventory.models import Device
from monitoring import actions

RELEVANT = {"address", "credential", "status"}


def device_saved(sender: Any, objects: list[Device], created: bool, changed: Any, **kwargs: Any) -> None:
    """Default checks at creation, and when what they follow from has changed."""
    if created or RELEVANT & set(changed or ()):
        for device in objects:
            actions.apply_defaults(device)
