"""Encrypted columns: Fernet (AES-128-CBC, HMAC-SHA256) with settings.ENCRYPTION_KEYS, newest first."""

import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@cache
def _box_of(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _box() -> MultiFernet:
    return _box_of(*settings.ENCRYPTION_KEYS)


def encrypt(text: str) -> str:
    """A token that only this installation's keys open."""
    return _box().encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """The text of a token made by encrypt; ImproperlyConfigured when no key fits."""
    try:
        return _box().decrypt(token.encode("ascii")).decode()
    except InvalidToken as error:
        raise ImproperlyConfigured("ITIM_ENCRYPTION_KEY does not open the stored secrets") from error


def rotate(token: str) -> str:
    """The same secret, encrypted with the newest key."""
    try:
        return _box().rotate(token.encode("ascii")).decode("ascii")
    except InvalidToken as error:
        raise ImproperlyConfigured("ITIM_ENCRYPTION_KEY does not open the stored secrets") from error


class EncryptedJSONField(models.TextField):
    """A JSON value that the database sees only encrypted. It cannot be searched or filtered by."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(decrypt(value))

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(json.dumps(value))

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))


class EncryptedTextField(models.TextField):
    """A text that the database sees only encrypted. It cannot be searched or filtered by."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(str(value))


ENCRYPTED_FIELDS = (EncryptedJSONField, EncryptedTextField)
