"""Files that wait for a person's word: an import that was looked at, not yet applied."""

import secrets

from django.conf import settings
from django.db import models


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Upload(models.Model):
    """An uploaded table. It stays in the database, so that any web process can go on with it."""

    token = models.CharField(max_length=40, unique=True, default=new_token)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    resource = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    plan = models.CharField(max_length=64, help_text="Digest of what was previewed")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return self.name
