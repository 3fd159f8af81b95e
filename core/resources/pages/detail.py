"""The page of one object: what it is, what hangs on it, what core and other domains know of it."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core import conditions, panels
from core.access import can, hidden_fields, visible
from core.resources.attributes import Count, make
from core.resources.base import resource_of
from core.resources.cells import badge, cell, is_state, label_of
from core.resources.pages.page import Page, address
from core.resources.rows import Reader


class DetailPage(Page):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        obj = self.object(pk)
        return self.render(self.resource.detail_template, **self.context(obj))

    def context(self, obj: models.Model) -> dict[str, Any]:
        """What the template gets: object, hidden (names of fields), title, state, groups, related, …"""
        groups = list(self.groups(obj))
        hidden = hidden_fields(self.request.user, self.resource.model)
        return {
            "object": obj,
            "hidden": hidden,
            "title": self.name(obj),
            "subtitle": "" if "description" in hidden else getattr(obj, "description", ""),
            "crumbs": self.crumbs(),
            "state": self.state(obj),
            "groups": groups,
            "related": list(self.related(obj)),
            "panels": list(panels.of(self.request, obj)),
            "actions": self.actions(obj),
            "may_change": self.may("change", obj),
            "may_delete": self.may("delete", obj),
            "edit_url": self.resource.url("edit", obj.pk),
            "delete_url": self.resource.url("delete", obj.pk),
        }

    def state(self, obj: models.Model) -> str:
        """The badge beside the title: the object's status, else how it is as far as somebody knows."""
        attribute = self.resource.readable.get("status")
        if "status" in hidden_fields(self.request.user, self.resource.model):
            attribute = None
        if attribute is None or not is_state(attribute):
            told = conditions.of(self.request.user, self.resource.model, [obj.pk])
            return badge(told[obj.pk]) if obj.pk in told else ""
        status = getattr(obj, attribute.name)
        return badge(status, dict(attribute.choices).get(status, ""))

    def groups(self, obj: models.Model) -> Iterator[dict[str, Any]]:
        """The attributes with something to say, under their headings."""
        reader = Reader(self.resource, self.request.user, self.resource.readable)
        rows = reader.read(visible(self.request.user, self.resource.model).filter(pk=obj.pk))
        if not rows:
            return
        named = {name for _, names in self.resource.groups for name in names}
        rest = [name for name in reader.attributes if name not in named and name != "id"]
        for heading, names in [*self.resource.groups, ("Record", tuple(rest))]:
            items = [
                {
                    "label": label_of(reader.attributes[name]),
                    "value": cell(reader.attributes[name])(rows[0][name]),
                    "name": name,
                    "raw": rows[0][name],
                }
                for name in names
                if name in reader.attributes
            ]
            if items:
                yield {"heading": heading or self.resource.label, "items": items}

    def related(self, obj: models.Model) -> Iterator[dict[str, Any]]:
        """How many rows of other resources point here, with their lists."""
        for relation in obj._meta.related_objects:
            model = relation.related_model
            resource = resource_of(model)
            field = relation.field
            if resource is None or field.many_to_many or not can(self.request.user, "view", model):
                continue
            if field.name in hidden_fields(self.request.user, model) or field.name not in resource.readable:
                continue
            counted = make(relation.get_accessor_name(), relation, False)
            count = visible(self.request.user, model).filter(**{field.name: obj.pk}).order_by().count()
            parameters = [(field.name, obj.pk)]
            yield {
                "label": counted.label if isinstance(counted, Count) else resource.label_plural,
                "icon": resource.icon,
                "count": count,
                "url": address(resource.url("list"), parameters),
                "add_url": address(resource.url("add"), parameters)
                if resource.allows("add") and can(self.request.user, "add", model)
                else "",
            }

    def actions(self, obj: models.Model) -> list[dict[str, Any]]:
        """The resource's own actions that this user may take and that do something to the object as it is."""
        return [
            {
                "label": one.label,
                "url": reverse(one.url_name, args=[obj.pk]),
                "icon": one.icon,
                "confirm": one.confirm,
            }
            for one in self.resource.actions
            if can(self.request.user, one.name, obj) and one.applies(obj)
        ]
