"""The Django application of this domain."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate

from monitoring.store import partitions


class MonitoringConfig(AppConfig):
    name = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring import wiring

        wiring.connect()
        post_migrate.connect(make_partitions, sender=self, dispatch_uid="monitoring.partitions")


def make_partitions(**kwargs: Any) -> None:
    """The partitions of these days, so that the first sweep finds them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [partitions.ROLLUP1H.name])
        if cursor.fetchone()[0]:
            partitions.ensure_ahead()
