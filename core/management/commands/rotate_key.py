"""Write every stored secret anew with the newest encryption key."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from core import history
from core.secrets import ENCRYPTED_FIELDS, rotate

MFA_SECRETS = ("secret", "seed")
BATCH = 500


class Command(BaseCommand):
    help = (
        "Encrypt all secrets anew with the first key of ITIM_ENCRYPTION_KEY. To change the key: put the new "
        "one before the old one (NEW,OLD), restart, run this, then take the old one out and restart."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic(), history.context(source="command", why="manage.py rotate_key"):
                count = sum(_rotate_field(model, field) for model, field in _encrypted()) + _rotate_mfa()
        except ImproperlyConfigured as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        self.stdout.write(f"{count} secrets are encrypted with the newest key")


def _encrypted() -> list[tuple[type[models.Model], models.Field]]:
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, ENCRYPTED_FIELDS)
    ]


def _rotate_field(model: type[models.Model], field: models.Field) -> int:
    """The column as the database has it, token by token: the values are never read."""
    raw = models.functions.Cast(field.name, models.TextField())
    rows = model._base_manager.filter(**{f"{field.name}__isnull": False}).select_for_update(of=("self",))
    count = 0
    for key, token in rows.order_by("pk").annotate(raw_token=raw).values_list("pk", "raw_token"):
        value = models.Value(rotate(token), output_field=models.TextField())
        model._base_manager.filter(pk=key).update(**{field.name: value})
        count += 1
    return count


def _rotate_mfa() -> int:
    count = 0
    for row in Authenticator.objects.select_for_update():
        found = [name for name in MFA_SECRETS if isinstance(row.data.get(name), str)]
        for name in found:
            row.data[name] = rotate(row.data[name])
        if "migrated_codes" in row.data:
            row.data["migrated_codes"] = [rotate(code) for code in row.data["migrated_codes"]]
        row.save(update_fields=["data"])
        count += len(found)
    return count
