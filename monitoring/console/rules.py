"""How much a rule looks at: on its page, and beside its form before it is saved."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from core.access import require
from core.resources.base import resource_of
from core.resources.forms import form_class
from monitoring import reach
from monitoring.models import Rule


@login_required
@require_POST
def reach_now(request: HttpRequest) -> HttpResponse:
    """The reach of the rule that the form describes; what is wrong with it is said when it is saved."""
    require(request.user, "view", Rule)
    resource = resource_of(Rule)
    assert resource is not None
    form = form_class(resource, request.user)(request.POST)
    form.full_clean()
    metric, wanted = form.cleaned_data.get("metric", ""), form.cleaned_data.get("selector", {})
    wrong = any(name.startswith("where_") for name in form.errors)
    found = None if wrong else reach.of(request.user, metric, wanted)
    return render(request, "monitoring/parts/reach.html", {"reach": found})


def reach_panel(request: HttpRequest, rule: Rule) -> dict[str, Any]:
    """On the rule's page: which checks and series it picks at this moment."""
    return {"reach": reach.of(request.user, rule.metric, rule.selector)}
