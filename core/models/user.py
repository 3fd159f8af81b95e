"""A person or an integration that acts in ITIM."""

import zoneinfo
from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from core.history import tracked


def check_time_zone(name: str) -> None:
    """Refuse a name that the IANA time zone database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not an IANA time zone, such as Europe/Zurich")


@tracked(exclude=("password", "last_login"))
class User(AbstractUser):
    """One login. What it may do comes from its roles (core.access), not from Django's model permissions."""

    class Theme(models.TextChoices):
        AUTO = "auto", "As the device prefers"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    history_label = "username"
    groups = None
    user_permissions = None
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        validators=[check_time_zone],
        help_text="IANA name, such as Europe/Zurich; empty: the server's",
    )
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    second_factor_removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.AUTO)

    class Meta:
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique",
                violation_error_message="Another person has this username, in other letters",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique",
                violation_error_message="Another person has this email address",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def set_password(self, raw_password: str | None) -> None:
        """Remember when, so that history tells of it; the password itself never gets there."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on: it ends with a new password and with the second factor."""
        return self._stamped(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._stamped, super().get_session_auth_fallback_hash())

    def _stamped(self, hashed: str) -> str:
        removed = self.second_factor_removed_at
        return f"{hashed} {removed.isoformat()}" if removed else hashed

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's own permissions are not used: superusers have all of them, others none."""
        return bool(self.is_active and self.is_superuser)

    def has_module_perms(self, app_label: str) -> bool:
        return bool(self.is_active and self.is_superuser)
