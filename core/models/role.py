"""Roles and the permissions they carry."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from core.constraints import check_constraint, check_hidden_fields, resource_models
from core.history import tracked
from core.models.item import Item
from core.models.user import User

ACTION = re.compile(r"\*|[a-z][a-z_]*")


@tracked()
class Role(Item):
    """What a group of people may do. Built-in roles cannot be changed, only given."""

    name = models.CharField(max_length=60, unique=True)
    description = models.CharField(max_length=200, blank=True)
    built_in = models.BooleanField(default=False, editable=False)
    users = models.ManyToManyField(User, blank=True, related_name="roles")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not self.built_in or self.pk is None:
            return
        stored = Role.objects.filter(pk=self.pk).values("name", "description").first() or {}
        for name, value in stored.items():
            if value != getattr(self, name):
                raise ValidationError({name: f"{stored['name']} is built in: only its people may change"})


@tracked()
class Permission(models.Model):
    """A role may do `actions` on the rows of `resource` that fit `constraint`, without `hidden_fields`."""

    history_name = ("role", "actions", "resource")

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="permissions")
    resource = models.CharField(
        max_length=100,
        help_text="Model, such as inventory.device; inventory.* for all of a domain; * for all",
    )
    actions = ArrayField(
        models.CharField(max_length=40), help_text="view, add, change, delete, acknowledge, …; * for all"
    )
    constraint = models.JSONField(
        null=True,
        blank=True,
        help_text='Only rows that fit, such as {"site__name": "Zurich"}; a list means any of them; '
        '"$user" stands for the person',
    )
    hidden_fields = ArrayField(models.CharField(max_length=100), default=list, blank=True)

    class Meta:
        ordering = ["role__name", "resource", "pk"]

    def __str__(self) -> str:
        return self.called(str)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Checked at every save: a permission that is wrong must not lie in wait."""
        self.full_clean()
        super().save(*args, **kwargs)

    def called(self, word: Callable[[Any], str]) -> str:
        return f"{word(self.role)}: {', '.join(self.actions)} on {self.resource}"

    def clean(self) -> None:
        before = Permission.objects.select_related("role").filter(pk=self.pk).first() if self.pk else None
        if (self.role_id and self.role.built_in) or (before and before.role.built_in):
            raise ValidationError(
                {"role": f"{self.role} is built in and cannot be changed; make a role of your own"}
            )
        if not self.actions or not all(ACTION.fullmatch(action) for action in self.actions):
            raise ValidationError(
                {"actions": f"Name at least one action, in lower case: {self.actions} does not"}
            )
        models_ = resource_models(self.resource)
        check_constraint(models_, self.constraint)
        check_hidden_fields(models_, self.hidden_fields)
