"""Saved views: a list's filters, columns and order under a name."""

from django.conf import settings
from django.db import models

from core.history import tracked


@tracked()
class SavedView(models.Model):
    """How someone wants to see a list; `query` is the list's address after the question mark."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    resource = models.CharField(max_length=100, help_text="Model label, such as inventory.device")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    shared = models.BooleanField(default=False, help_text="Others see it too")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "resource", "name"], name="saved_view_unique")
        ]

    def __str__(self) -> str:
        return self.name
