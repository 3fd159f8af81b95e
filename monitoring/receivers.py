"""What monitoring does when people change the inventory or checks."""

from typing import Any

from inventory.models import Device, DeviceRole
from monitoring import actions
from monitoring.models import Check

REACHED_BY = {"address", "credential", "status"}
DEFAULTS_BY = REACHED_BY | {"role", "platform"}


def device_saved(sender: Any, objects: list[Device], created: bool, changed: Any, **kwargs: Any) -> None:
    """Default checks at creation, and when what they follow from has changed."""
    if created or DEFAULTS_BY & set(changed or ()):
        actions.apply_defaults(objects)
    if not created and REACHED_BY & set(changed or ()):
        actions.try_anew(Check.objects.filter(device__in=objects))


def role_saved(sender: Any, objects: list[DeviceRole], changed: Any, **kwargs: Any) -> None:
    """Another kind of device is due other checks."""
    if "kind" in (changed or ()):
        actions.apply_defaults(list(Device.objects.filter(role__in=objects)))


def check_saved(sender: Any, objects: list[Check], **kwargs: Any) -> None:
    """Whoever changes a check wants to see what comes of it, not what the old schedule had planned."""
    actions.try_anew(Check.objects.filter(pk__in=[check.pk for check in objects]))
