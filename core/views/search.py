"""Search over everything: a page, and the answer that the palette (Ctrl-K) shows."""

from dataclasses import asdict

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.search import GROUP_LIMIT, everything

ON_PAGE = 25


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """GET ?q=…: a page; with format=json {"groups": [{"label", "icon", "url", "results": […]}]}."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    if request.GET.get("format") == "json":
        return JsonResponse(
            {"groups": [asdict(group) for group in everything(request.user, text, GROUP_LIMIT)]}
        )
    groups = everything(request.user, text, ON_PAGE)
    return render(request, "core/search.html", {"title": "Search", "query": text, "groups": groups})
