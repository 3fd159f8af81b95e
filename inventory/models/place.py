"""Where things are: sites, and locations within them."""

from django.core.exceptions import ValidationError
from django.db import models

from core.history import tracked
from core.models import Item


@tracked()
class Site(Item):
    """A building, campus or data center with an address of its own."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        ACTIVE = "active", "Active"
        RETIRED = "retired", "Retired"

    name = models.CharField(max_length=100, unique=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    address = models.TextField(blank=True)
    time_zone = models.CharField(max_length=60, blank=True, help_text="IANA name, such as Europe/Zurich")
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class Location(Item):
    """A floor, room or cage of a site; locations nest."""

    name = models.CharField(max_length=100)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="locations")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["site__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "parent", "name"], name="location_unique", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name

    def ancestors(self) -> list["Location"]:
        """From the outermost to the parent; a loop in the stored data ends the walk."""
        found: list[Location] = []
        place = self.parent
        while place is not None and place not in found:
            found.insert(0, place)
            place = place.parent
        return found

    def clean(self) -> None:
        if self.parent is None:
            return
        if self.parent.site_id != self.site_id:
            raise ValidationError({"parent": f"{self.parent} belongs to another site"})
        if self.pk and (self.parent.pk == self.pk or self in self.parent.ancestors()):
            raise ValidationError({"parent": "A location cannot lie inside itself"})
