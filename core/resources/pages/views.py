"""Saving a list's address under a name, and forgetting it."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from core.access import visible
from core.models import SavedView
from core.resources.pages.page import Page


class SavedViewsPage(Page):
    """POST name, query, shared: save; POST delete=<pk>: forget."""

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.forget() if "delete" in request.POST else self.keep()

    def keep(self) -> HttpResponse:
        name = self.request.POST.get("name", "").replace("\x00", "").strip()[:60]
        query = self.request.POST.get("query", "").replace("\x00", "")[:4000]
        if not name:
            messages.error(self.request, "Name: a view needs one.")
            return HttpResponseRedirect(f"{self.resource.url('list')}?{query}")
        label = self.resource.model._meta.label_lower
        mine = visible(self.request.user, SavedView, "change").filter(owner=self.request.user.pk)
        view = mine.filter(resource=label, name=name).first()
        view = view or SavedView(owner=self.request.user, resource=label, name=name)
        view.query, view.shared = query, bool(self.request.POST.get("shared"))
        try:
            with transaction.atomic():
                view.save()
        except IntegrityError:
            messages.error(self.request, f"Name: there is a view {name} already.")
        else:
            messages.success(self.request, f"View {name} is saved.")
        return HttpResponseRedirect(f"{self.resource.url('list')}?{query}")

    def forget(self) -> HttpResponse:
        key = self.request.POST["delete"]
        views = visible(self.request.user, SavedView, "delete")
        view = views.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
        if view is None:
            raise Http404("There is no such view")
        view.delete()
        messages.success(self.request, f"View {view.name} is deleted.")
        return HttpResponseRedirect(self.resource.url("list"))
