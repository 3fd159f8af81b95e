"""The Django application of this domain."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import icon_checks  # noqa: F401 - registers its system check
        from core.history.relations import ensure_triggers  # models are not loaded before
        from core.resources import checks, own  # noqa: F401
        from core.roles import ensure_built_in

        autodiscover_modules("resources")

        post_migrate.connect(ensure_triggers, sender=self, dispatch_uid="core.history")
        post_migrate.connect(ensure_built_in, sender=self, dispatch_uid="core.roles")
