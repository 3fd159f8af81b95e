"""Buttons that try something at once: run a check, test a channel, send a message again."""

import time

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.access import visible
from monitoring import trials
from monitoring.alerting import delivery
from monitoring.claims import queue_name
from monitoring.models import Channel, Check, Notification

PATIENCE = 90  # seconds after which nobody seems to work on it


@login_required
@require_POST
def run_check(request: HttpRequest, pk: int) -> HttpResponse:
    check = get_object_or_404(visible(request.user, Check, "run").select_related("device"), pk=pk)
    if check.passive:
        messages.info(request, "An agent delivers this check's readings by itself; there is nothing to run.")
        return redirect("checks-detail", pk)
    title = f"{check} of {check.device}"
    return redirect("trial", trials.begin(request.user, "run_check", check, title, queue_name(check.poller)))


@login_required
@require_POST
def test_channel(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(visible(request.user, Channel, "run"), pk=pk)
    return redirect("trial", trials.begin(request.user, "test_channel", channel, channel.name))


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(visible(request.user, Notification, "run"), pk=pk)
    if delivery.again(row):
        messages.success(request, "It is sent again within seconds.")
    else:
        messages.info(request, "It is sent already, or waits to be sent.")
    return redirect("notifications-detail", pk)


@login_required
@require_safe
@never_cache
def show(request: HttpRequest, key: str) -> HttpResponse:
    """The outcome, or that it is still awaited; only for the one who started it."""
    trial = trials.find(key)
    if trial is None or trial.owner != request.user.pk:
        raise Http404("This outcome is no longer kept")
    plural = "checks" if trial.kind == "run_check" else "channels"
    back = reverse(f"{plural}-detail", args=[trial.about])
    context = {
        "title": f"Run {trial.title}" if plural == "checks" else f"Test {trial.title}",
        "crumbs": [
            {"label": plural.capitalize(), "url": reverse(f"{plural}-list")},
            {"label": trial.title, "url": back},
        ],
        "trial": trial,
        "late": time.time() - trial.started > PATIENCE,
        "back": back,
        "again": reverse("check-run" if plural == "checks" else "channel-test", args=[trial.about]),
    }
    return render(
        request, f"monitoring/trial{'_live' if getattr(request, 'htmx', None) else ''}.html", context
    )
