"""Deleting one object: says first what goes with it and what is in the way."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.resources.pages.page import Page
from core.resources.removal import foresee
from core.resources.writing import InUse, delete


class DeletePage(Page):
    action = operation = "delete"
    template = "resources/delete.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        obj = self.object(pk)
        name = str(obj)
        try:
            delete(request.user, self.resource, [obj])
        except InUse:
            return self.show(pk, status=409)
        messages.success(request, f"{self.resource.label} {name} is deleted.")
        return HttpResponseRedirect(self.resource.url("list"))

    def show(self, pk: int, status: int = 200) -> HttpResponse:
        obj = self.object(pk)
        removal = foresee(self.request.user, [obj])
        return self.render(
            title=f"Delete {obj}?",
            object=obj,
            crumbs=self.crumbs(obj),
            goes=removal.goes,
            protects=removal.holders,
            cancel_url=self.resource.url("detail", pk),
            status=status,
        )
