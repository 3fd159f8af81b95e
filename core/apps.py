"""The Django application of this domain."""

import logging

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from core.redaction import RedactedRecord


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models are not loaded before: what needs them is imported here.
        from core import icon_checks, menu, own_panels, receivers  # noqa: F401 - some register themselves
        from core.history.relations import ensure_triggers
        from core.resources import checks, own  # noqa: F401
        from core.roles import ensure_built_in

        logging.setLogRecordFactory(RedactedRecord)
        autodiscover_modules("resources")
        own_panels.register()
        menu.add("", "Overview", "overview", "layout-dashboard", order=10)
        for order, (label, name, icon, model) in enumerate(own.MENU):
            menu.add("Administration", label, name, icon, order=order * 10, resource=model)
        menu.add("", "History", "history", "history", order=90)
        post_migrate.connect(ensure_triggers, sender=self, dispatch_uid="core.history")
        post_migrate.connect(ensure_built_in, sender=self, dispatch_uid="core.roles")
