"""Agents: who is installed, how they are, and how to add one."""

import shlex
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from core.access import can, require, visible
from core.resources.cells import badge
from core.resources.pages.list import ListPage
from monitoring import actions
from monitoring.agents.enrollment import INTERVAL
from monitoring.models import Agent

LATE = 5  # intervals without a report


class TokenForm(forms.Form):
    """For whom a token is, and how long it waits to be used."""

    description = forms.CharField(
        max_length=200,
        required=False,
        label="For which machine",
        help_text="So that you know it again in the list",
    )
    hours = forms.TypedChoiceField(
        coerce=int, initial=24, label="Valid for", choices=[(1, "1 hour"), (24, "1 day"), (168, "1 week")]
    )


class AgentList(ListPage):
    """The resource's list, with the way to one more agent."""

    template = "monitoring/agents.html"

    def render(self, template: str = "", status: int = 200, **context: Any) -> HttpResponse:
        return super().render(template, status, may_enroll=can(self.request.user, "add", Agent), **context)


def states_of(user: Any, keys: Collection[Any]) -> dict[Any, SafeString]:
    """A column of the list: revoked, silent or well."""
    rows = visible(user, Agent).filter(pk__in=keys).values_list("pk", "enabled", "last_seen")
    return {pk: state(enabled, seen) for pk, enabled, seen in rows}


def state(enabled: bool, seen: datetime | None) -> SafeString:
    """The badge of an agent."""
    if not enabled:
        return badge("revoked")
    late = seen is None or (timezone.now() - seen).total_seconds() > LATE * INTERVAL
    return badge("late", "Silent") if late else badge("ok")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def add(request: HttpRequest) -> HttpResponse:
    """Makes a one-time token and shows the command that installs the agent, once."""
    require(request.user, "add", Agent)
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {
        "title": "Add an agent",
        "crumbs": [{"label": "Agents", "url": reverse("agents-list")}],
        "form": form,
    }
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        token = actions.create_enroll_token(request.user, data["description"], data["hours"])
        context |= {"command": command(token), "hours": data["hours"]}
    return render(request, "monitoring/agent_add.html", context)


def command(token: str) -> str:
    """What one types on the machine to watch."""
    script = shlex.quote(f"{settings.BASE_URL}/agent/install.sh")
    return f"curl -fsS {script} | sudo sh -s -- --token {shlex.quote(token)}"


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Its key opens nothing any more; the agent stops by itself at its next report."""
    agent = get_object_or_404(visible(request.user, Agent, "change"), pk=pk)
    if agent.enabled:
        actions.revoke_agent(agent)
        messages.success(request, f"{agent} is revoked. To let it in again, edit it and tick “enabled”.")
    else:
        messages.info(request, f"{agent} is revoked already.")
    return redirect("agents-detail", pk)
