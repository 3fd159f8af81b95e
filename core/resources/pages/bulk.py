"""Changing or deleting many objects: those selected, or all that a filter finds."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from core.access import hidden_fields, visible
from core.models import Tag
from core.resources.attributes import Json, References
from core.resources.choices import RemoteMultipleChoiceField
from core.resources.forms import form_field
from core.resources.locking import Busy, lock, retried
from core.resources.pages.page import Page
from core.resources.querying import Query
from core.resources.removal import foresee
from core.resources.writing import Change, InUse, InvalidObjects, delete, write

MOST = 10_000
ADD, REMOVE = "_add_tags", "_remove_tags"


class BulkPage(Page):
    """POST with the selection shows the form (do=edit or delete); with `_apply` it acts."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(self.resource.url("list"))

    def post(self, request: HttpRequest) -> HttpResponse:
        action = {"edit": "change", "delete": "delete"}.get(request.POST.get("do", ""), "")
        if not action or not self.may(action):
            raise PermissionDenied(f"You may not do this to {self.resource.label_plural.lower()}")
        objects = self.chosen(action)
        if not objects:
            messages.warning(request, "Nothing was selected that you may change.")
            return HttpResponseRedirect(self.back())
        if self.others(objects):
            messages.warning(request, "Other rows match than a moment ago: look at them again.")
        act: Callable[[list[Any]], HttpResponse] = self.edit if action == "change" else self.remove
        return act(objects)

    def chosen(self, action: str) -> list[models.Model]:
        """The selected rows that the user may act on."""
        rows = visible(self.request.user, self.resource.model, action)
        if self.request.POST.get("all"):
            try:
                found = Query(
                    self.resource, self.request.user, QueryDict(self.request.POST.get("query", ""))
                ).rows()
            except ValidationError:
                return []
            rows = rows.filter(pk__in=found.order_by().values("pk"))
        else:
            keys = [key for key in self.request.POST.getlist("pk") if key.isdecimal() and len(key) < 19]
            rows = rows.filter(pk__in=keys)
        found_rows = list(rows.order_by("pk")[: MOST + 1])
        if len(found_rows) > MOST:
            raise PermissionDenied(f"More than {MOST:,} rows at once are too many: narrow the filter")
        return found_rows

    def others(self, objects: list[models.Model]) -> bool:
        """Whether what matches is no longer what the form told: as many, by its hidden field."""
        told = self.request.POST.get("count", "")
        return "_apply" in self.request.POST and told not in ("", str(len(objects)))

    def back(self) -> str:
        query = self.request.POST.get("query", "")
        return self.resource.url("list") + (f"?{query}" if query else "")

    def edit(self, objects: list[models.Model]) -> HttpResponse:
        applying, others = "_apply" in self.request.POST, self.others(objects)
        form = self.form(self.request.POST if applying else None)
        if applying and not others and form.is_valid():
            try:
                self.apply(objects, form)
            except InvalidObjects as error:
                for index, found in list(error.errors.items())[:10]:
                    said = "; ".join(message for messages_ in found.values() for message in messages_)
                    form.add_error(None, f"{self.name(objects[index])}: {said}")
            except PermissionDenied as error:
                form.add_error(None, str(error))
            except Busy as error:
                form.add_error(None, str(error))
                others = True
            else:
                messages.success(self.request, f"{len(objects)} {self.words(objects)} are changed.")
                return HttpResponseRedirect(self.back())
        status = 409 if others else 422 if applying else 200
        return self.show("resources/bulk_edit.html", objects, form=form, status=status)

    @retried
    def apply(self, objects: list[models.Model], form: forms.Form) -> None:
        """Write to the rows as they are now: they may have changed since they were chosen."""
        names = [name for name in self.request.POST.getlist("_set") if name in form.fields]
        values = {name: form.cleaned_data[name] for name in names}
        with transaction.atomic():
            stored = lock(self.resource.model, [obj.pk for obj in objects])
            if len(stored) < len(objects):  # deleted a moment ago
                raise Busy
            changes = [Change(obj, dict(values)) for obj in stored.values()]
            added, removed = form.cleaned_data.get(ADD, []), form.cleaned_data.get(REMOVE, [])
            if added or removed:
                self.tag(changes, {tag.pk: tag for tag in added}, {tag.pk for tag in removed})
            write(self.request.user, self.resource, changes)

    def tag(self, changes: list[Change], added: dict[Any, models.Model], removed: set[Any]) -> None:
        """Give each change its object's tags, with some more and some less."""
        models.prefetch_related_objects([change.obj for change in changes], "tags")
        for change in changes:
            kept = {tag.pk: tag for tag in change.obj.tags.all() if tag.pk not in removed}
            change.values["tags"] = list((kept | added).values())

    def form(self, data: Any) -> forms.Form:
        """A field for each attribute that many objects may share."""
        hidden = hidden_fields(self.request.user, self.resource.model)
        fields: dict[str, forms.Field] = {}
        for name, attribute in self.resource.attributes.items():
            alone = getattr(attribute.field, "unique", False) or isinstance(attribute, References | Json)
            if attribute.writable and name not in hidden and not alone:
                made = form_field(attribute, attribute.field, self.request.user)
                if made is not None:
                    made.required = name in self.request.POST.getlist("_set") and attribute.required
                    fields[name] = made
        if "tags" in self.resource.attributes and "tags" not in hidden:
            for name, label in ((ADD, "Add tags"), (REMOVE, "Remove tags")):
                fields[name] = RemoteMultipleChoiceField(
                    user=self.request.user, model=Tag, nullable=False, label=label, required=False
                )
        chosen = set(self.request.POST.getlist("_set")) | {ADD, REMOVE}
        form_type = type("BulkForm", (forms.Form,), fields)
        form: forms.Form = form_type(data)
        for name in [name for name in form.fields if data is not None and name not in chosen]:
            form.fields[name].disabled = True
            form.fields[name].required = False
        return form

    def remove(self, objects: list[models.Model]) -> HttpResponse:
        others = self.others(objects)
        if "_apply" in self.request.POST and not others:
            try:
                self.delete_all(objects)
            except (InUse, Busy) as error:
                if isinstance(error, Busy):
                    messages.error(self.request, f"{error}.")
                return self.show("resources/bulk_delete.html", objects, status=409, **self.foreseen(objects))
            messages.success(self.request, f"{len(objects)} {self.words(objects)} are deleted.")
            return HttpResponseRedirect(self.resource.url("list"))
        status = 409 if others else 200
        return self.show("resources/bulk_delete.html", objects, status=status, **self.foreseen(objects))

    @retried
    def delete_all(self, objects: list[models.Model]) -> None:
        with transaction.atomic():
            stored = lock(self.resource.model, [obj.pk for obj in objects])
            delete(self.request.user, self.resource, list(stored.values()))

    def foreseen(self, objects: list[models.Model]) -> dict[str, Any]:
        removal = foresee(self.request.user, objects)
        return {"goes": removal.goes, "protects": removal.holders}

    def show(
        self, template: str, objects: list[models.Model], status: int = 200, **context: Any
    ) -> HttpResponse:
        number = f"{len(objects)} {self.words(objects)}"
        verb = "Edit" if "edit" in template else "Delete"
        return self.render(
            template,
            status=status,
            title=f"{verb} {number}",
            crumbs=self.crumbs(),
            number=number,
            count=len(objects),
            selected=[obj.pk for obj in objects] if not self.request.POST.get("all") else [],
            all=self.request.POST.get("all", ""),
            query=self.request.POST.get("query", ""),
            set_names=self.request.POST.getlist("_set"),
            cancel_url=self.back(),
            names=[self.name(one) for one in objects[:12]],
            more=max(0, len(objects) - 12),
            **context,
        )

    def words(self, objects: list[models.Model]) -> str:
        meta = self.resource.model._meta
        return str(meta.verbose_name if len(objects) == 1 else meta.verbose_name_plural)
