"""Adding and editing one object by form."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from core.resources.clashes import clashes, version_of
from core.resources.forms import ResourceForm, form_class, initial
from core.resources.locking import Busy, lock, retried
from core.resources.pages.page import Page
from core.resources.writing import InvalidObjects, write


class FormPage(Page):
    """What adding and editing share."""

    template = "resources/form.html"

    def form(self, obj: models.Model | None, data: Any = None) -> ResourceForm:
        first = None if obj is not None else initial(self.resource, self.request.GET)
        return form_class(self.resource, self.request.user)(data, instance=obj, initial=first)

    def save(self, form: ResourceForm) -> models.Model | None:
        """The written object, or None with the reasons in the form."""
        if not form.is_valid():
            return None
        try:
            (obj,) = write(self.request.user, self.resource, [form.change()])
        except InvalidObjects as error:
            form.refuse(error.errors[0])
        except PermissionDenied as error:
            form.add_error(None, str(error))
        else:
            return obj
        return None

    def back(self, default: str) -> str:
        """Where to go on: ?next= within this site, else the default."""
        wanted = self.request.GET.get("next", "")
        return wanted if url_has_allowed_host_and_scheme(wanted, None) else default


class AddPage(FormPage):
    action = operation = "add"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.form(None))

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            obj, form = self.added()
        except Busy as error:
            form = self.form(None, request.POST)
            form.add_error(None, str(error))
            return self.show(form, status=409)
        if obj is None:
            return self.show(form, status=422)
        messages.success(request, f"{self.resource.label} {self.name(obj)} is added.")
        if "_another" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect(self.back(self.resource.url("detail", obj.pk)))

    @retried
    def added(self) -> tuple[models.Model | None, ResourceForm]:
        form = self.form(None, self.request.POST)
        return self.save(form), form

    def show(self, form: ResourceForm, status: int = 200) -> HttpResponse:
        title = f"Add {self.resource.model._meta.verbose_name}"
        cancel = self.back(self.resource.url("list"))
        return self.render(
            form=form, title=title, crumbs=self.crumbs(), cancel_url=cancel, another=True, status=status
        )


class EditPage(FormPage):
    """The form knows the version that it was opened with: what others saved since is told, not undone."""

    action = operation = "change"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = version_of(self.object(pk))  # read before the values: a change in between is one since
        obj = self.object(pk)
        return self.show(obj, self.form(obj), version=version)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return self.change(pk)
        except Busy as error:
            obj = self.object(pk)
            form = self.form(obj, request.POST)
            form.add_error(None, str(error))
            return self.show(obj, form, version=self.opened(), status=409)

    @retried
    def change(self, pk: int) -> HttpResponse:
        with transaction.atomic():
            obj = lock(self.resource.model, [self.object(pk).pk]).get(pk) or self.object(pk)
            name, version = self.name(obj), version_of(obj)
            form = self.form(obj, self.request.POST)
            if others := clashes(self.request.user, form, self.opened()):
                return self.show(obj, form, name, version=version, others=others, status=409)
            if self.save(form) is None:
                return self.show(obj, form, name, version=self.opened(), status=422)
        messages.success(self.request, f"{self.resource.label} {self.name(obj)} is saved.")
        return HttpResponseRedirect(self.back(self.resource.url("detail", pk)))

    def opened(self) -> str:
        return self.request.POST.get("_version", "")

    def show(
        self, obj: models.Model, form: ResourceForm, name: str = "", status: int = 200, **context: Any
    ) -> HttpResponse:
        name = name or self.name(obj)
        crumbs = [*self.crumbs(), {"label": name, "url": self.resource.url("detail", obj.pk)}]
        cancel = self.back(self.resource.url("detail", obj.pk))
        return self.render(
            form=form,
            title=f"Edit {name}",
            crumbs=crumbs,
            cancel_url=cancel,
            object=obj,
            status=status,
            **context,
        )
