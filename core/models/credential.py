"""Secrets that probes log in with: typed, encrypted, write-only."""

from django.db import models

from core.history import tracked
from core.models.item import Item
from core.secrets import EncryptedJSONField


@tracked()
class Credential(Item):
    """A named login. `secret` holds the fields of the kind's dataclass in probes.credentials.

    It never comes out in a page, an answer, a log or history: only the worker that polls decrypts it.
    """

    class Kind(models.TextChoices):
        SNMP_COMMUNITY = "snmp-community", "SNMP v1/v2c community"
        SNMP_USER = "snmp-user", "SNMP v3 user"
        HTTP_LOGIN = "http-login", "HTTP user and password"
        HTTP_BEARER = "http-bearer", "HTTP bearer token"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    secret = EncryptedJSONField(default=dict)
    secret_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
