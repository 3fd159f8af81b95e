"""The Django application of this domain."""

from django.apps import AppConfig

MENU = (
    ("Devices", "devices-list", "server", "Device"),
    ("Interfaces", "interfaces-list", "plug-connected", "Interface"),
    ("IP addresses", "ip-addresses-list", "network", "IPAddress"),
    ("Services", "services-list", "apps", "Service"),
    ("Dependencies", "dependencies-list", "sitemap", "Dependency"),
    ("Sites", "sites-list", "building", "Site"),
    ("Locations", "locations-list", "map-pin", "Location"),
    ("Device types", "device-types-list", "box-model-2", "DeviceType"),
    ("Device roles", "device-roles-list", "category", "DeviceRole"),
    ("Platforms", "platforms-list", "terminal-2", "Platform"),
    ("Manufacturers", "manufacturers-list", "building-factory-2", "Manufacturer"),
)


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import menu  # models are not loaded before
        from inventory import cards, panels

        cards.register()
        panels.register()
        for order, (label, url_name, icon, model) in enumerate(MENU):
            menu.add("Inventory", label, url_name, icon, order=order * 10, resource=self.get_model(model))
