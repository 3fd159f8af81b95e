"""What resources announce, inside the transaction of the change, once for all objects of one write."""

from django.dispatch import Signal

saving = Signal()
"""sender: the model; objects: list with the new values, created: bool, changed: frozenset, user. Sent before
anything is written; many-to-many values are not among them."""

saved = Signal()
"""sender: the model; objects: list, created: bool, changed: frozenset of field names, user."""

deleting = Signal()
"""sender: the model; objects: list, user. Sent before the rows go."""
