"""The history of everything, as far as one may see it."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.forms import HistoryFilterForm
from core.history_entries import entries_everywhere
from core.recent import Wanted, recent, together

PAGE = 100


@login_required
def history(request: HttpRequest) -> HttpResponse:
    form = HistoryFilterForm(request.GET)
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    changes = recent(request.user, Wanted(**asked), PAGE) if valid else []
    older = {}
    if len(changes) == PAGE:
        until = changes[-1].at.isoformat()
        older = {
            "older": urlencode(
                {**{key: value for key, value in request.GET.items() if value}, "until": until}
            )
        }
    entries = entries_everywhere(together(changes))
    context = {
        "title": "History",
        "form": form,
        "entries": entries,
        "active": sum(map(bool, asked.values())),
        **older,
    }
    return render(request, "core/history.html", context)
