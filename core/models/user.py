"""A person or an integration that acts in ITIM."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """One login. What it may do comes from its roles, not from Django's model permissions."""
