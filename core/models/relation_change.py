"""History of many-to-many relations: which tag came and went."""

from django.db import models


class RelationChange(models.Model):
    """A link that was made or cut; written by triggers alone (core.history.tracking)."""

    at = models.DateTimeField()
    model = models.CharField(max_length=100)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    label = models.TextField(help_text="What the other end was called then")
    added = models.BooleanField()
    context = models.ForeignKey(
        "pghistory.Context", null=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["model", "object_id"])]

    def __str__(self) -> str:
        return f"{self.model} #{self.object_id} {self.field} {'+' if self.added else '−'} {self.label}"
