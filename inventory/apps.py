"""The Django application of this domain."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from inventory import cards, panels  # need the models

        cards.register()
        panels.register()
