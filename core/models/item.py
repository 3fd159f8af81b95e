"""What every user-visible object has."""

from django.db import models

from core.history import tracked


@tracked()
class Tag(models.Model):
    """A word that people hang on objects; the color is one of the palette's names."""

    name = models.CharField(max_length=60, unique=True)
    color = models.CharField(max_length=20, default="gray")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """Base of every object that people see: times of creation and last change, tags."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)
    tags = models.ManyToManyField(Tag, blank=True)

    class Meta:
        abstract = True
