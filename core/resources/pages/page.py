"""What the pages of a resource share: who may come, the frame, the way to the object."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from core.access import called, can, require, visible
from core.resources.base import Resource


class Page(LoginRequiredMixin, View):
    """Base of the pages. `action`: what one must be allowed; `operation`: what the resource must offer."""

    resource: Resource = None  # type: ignore[assignment]  # as_view is given it
    action = "view"
    operation = ""
    template = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            if self.operation and not self.resource.allows(self.operation):
                raise Http404(f"{self.resource.label_plural} have no such page")
            require(request.user, self.action, self.resource.model)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def object(self, pk: int) -> models.Model:
        """The object; 404 where the user may not see it, 403 where they may but not do this."""
        model = self.resource.model
        found = visible(self.request.user, model).filter(pk=pk).first()
        if found is None:
            raise Http404(f"There is no {model._meta.verbose_name} with id {pk}")
        if self.action != "view" and not can(self.request.user, self.action, found):
            raise PermissionDenied(f"You may not {self.action} {self.name(found)}")
        return found

    def may(self, action: str, obj: Any = None) -> bool:
        """Whether the resource offers an operation and the user may do it."""
        return self.resource.allows(action) and can(self.request.user, action, obj or self.resource.model)

    def name(self, obj: models.Model) -> str:
        """What an object is called to who asks."""
        return called(self.request.user, obj)

    def render(self, template: str = "", status: int = 200, **context: Any) -> HttpResponse:
        """The page; for htmx its content alone."""
        htmx: Any = getattr(self.request, "htmx", None)
        partial = htmx and not (htmx.boosted or htmx.history_restore_request)
        shared = {
            "resource": self.resource,
            "frame": "resources/fragment.html" if partial else "base.html",
            "icon": self.resource.icon,
            "why_value": self.request.POST.get("_why", ""),
            "list_url": self.resource.url("list"),
        }
        return render(self.request, template or self.template, shared | context, status=status)

    def crumbs(self, obj: models.Model | None = None) -> list[dict[str, str]]:
        """The list, and the object."""
        found = [{"label": self.resource.label_plural, "url": self.resource.url("list")}]
        if obj is not None:
            found.append({"label": self.name(obj), "url": self.resource.url("detail", obj.pk)})
        return found


def address(base: str, parameters: Any) -> str:
    """An address with a query string; empty parameters are left out."""
    query = urlencode([(name, value) for name, value in parameters if value not in (None, "")])
    return f"{base}?{query}" if query else base
