"""Deleting one object: says first what goes with it and what is in the way."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.resources.locking import Busy, lock, retried
from core.resources.pages.page import Page
from core.resources.removal import foresee
from core.resources.writing import InUse, delete


class DeletePage(Page):
    action = operation = "delete"
    template = "resources/delete.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        name = self.name(self.object(pk))
        try:
            self.remove(pk)
        except InUse:
            return self.show(pk, status=409)
        except Busy as error:
            messages.error(request, f"{error}.")
            return self.show(pk, status=409)
        messages.success(request, f"{self.resource.label} {name} is deleted.")
        return HttpResponseRedirect(self.resource.url("list"))

    @retried
    def remove(self, pk: int) -> None:
        with transaction.atomic():
            obj = self.object(pk)
            delete(self.request.user, self.resource, list(lock(self.resource.model, [obj.pk]).values()))

    def show(self, pk: int, status: int = 200) -> HttpResponse:
        obj = self.object(pk)
        removal = foresee(self.request.user, [obj])
        return self.render(
            title=f"Delete {self.name(obj)}?",
            object=obj,
            crumbs=self.crumbs(obj),
            goes=removal.goes,
            protects=removal.holders,
            cancel_url=self.resource.url("detail", pk),
            status=status,
        )
