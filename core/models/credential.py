"""Secrets that probes log in with: typed, encrypted, write-only."""

from django.db import models

from core.credentials import read_secret, secret_fields
from core.history import tracked
from core.models.item import Item
from core.redaction import remember
from core.secrets import EncryptedJSONField
from probes.credentials import Credential as LoginData


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
    secret = EncryptedJSONField(default=dict, blank=True)
    secret_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        read_secret(self.kind, self.secret)

    def open(self) -> LoginData:
        """The typed login, decrypted: for the worker that polls alone. ValidationError if it is broken."""
        made = read_secret(self.kind, self.secret)
        remember(*(getattr(made, name) for name in secret_fields(self.kind)))
        return made

    def readable_fields(self) -> dict[str, str]:
        """What of the secret people may see: user names, protocols, versions."""
        hidden = secret_fields(self.kind)
        return {name: value for name, value in self.secret.items() if name not in hidden}
