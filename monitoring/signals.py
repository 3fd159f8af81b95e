"""What monitoring announces to those above it. Sent by the dispatcher alone, inside its transaction.

Each signal carries `event`, the AlertEvent whose id is unique: what a receiver makes of it can be found
again, so that a repeat does nothing. A receiver that raises gets the event again with the next round.
"""

from django.dispatch import Signal

alert_opened = Signal()
alert_resolved = Signal()
alert_changed = Signal()
"""Acknowledged, commented, snoozed, explained by another alert: `event.kind` says which."""
