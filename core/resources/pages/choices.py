"""What a remote select searches: rows of a resource by words."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from core.access import called, visible
from core.resources.pages.page import Page
from core.resources.references import named, texts
from core.search import matching

MOST = 50


class ChoicesPage(Page):
    """GET /choices/<plural>/?q=… → {"results": [{"value", "label", "detail"}]}."""

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        rows = visible(request.user, self.resource.model)
        if words:
            rows = matching(rows, self.resource, request.user, words)
        found = list(named(rows, self.resource)[:MOST])
        details = texts(request.user, self.resource.model, [obj.pk for obj in found])
        results = [
            {"value": pk, "label": name, "detail": details[pk] if details[pk] != name else ""}
            for pk, name in ((obj.pk, called(request.user, obj)) for obj in found)
        ]
        return JsonResponse({"results": results})
