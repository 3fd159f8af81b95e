"""What resources announce, inside the transaction of the change, once for all objects of one write."""

from django.dispatch import Signal

saved = Signal()
"""sender: the model; objects: list, created: bool, changed: frozenset of field names, user."""

deleting = Signal()
"""sender: the model; objects: list, user. Sent before the rows go."""
