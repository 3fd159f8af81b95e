"""What administrators do to people, from a person's page."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from core import actions
from core.access import visible
from core.models import Role, User


def _back(user: User) -> HttpResponse:
    return redirect("users-detail", user.pk)


def _do(request: HttpRequest, pk: int, act: Callable[[User], None], done: str) -> HttpResponse:
    """Do something to a person whom one may change; what is refused is said on their page."""
    user = get_object_or_404(visible(request.user, User, "change"), pk=pk)
    try:
        act(user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done.format(user))
    return _back(user)


@login_required
@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, lambda user: actions.set_active(request.user, user, True), "{} may log in again")


@login_required
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, lambda user: actions.set_active(request.user, user, False), "{} is deactivated")


@login_required
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, lambda user: actions.unlock(request.user, user), "{} may try to log in again")


@login_required
@require_POST
@never_cache
@sensitive_variables()
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(visible(request.user, User, "change"), pk=pk)
    password = actions.reset_password(request.user, user)
    context = {"title": f"New password of {user}", "person": user, "password": password}
    return render(request, "core/new_password.html", context)


@login_required
@require_POST
def remove_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """The button asks first; the page that it leads to names what goes."""
    if "confirmed" in request.POST:
        done = "{} logs in with the password alone now"
        return _do(request, pk, lambda one: actions.remove_second_factor(request.user, one), done)
    user = get_object_or_404(visible(request.user, User, "change"), pk=pk)
    try:
        found = actions.second_factors(request.user, user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _back(user)
    context = {
        "title": f"Remove the second factor of {user}?",
        "person": user,
        "goes": [{"label": one.get_type_display(), "count": None} for one in found],
    }
    return render(request, "core/second_factor.html", context)


@login_required
@require_POST
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    role = _role(request)
    return _do(request, pk, lambda user: actions.give_role(request.user, user, role), f"{{}} is {role} now")


@login_required
@require_POST
def take_role(request: HttpRequest, pk: int) -> HttpResponse:
    role = _role(request)
    return _do(
        request, pk, lambda user: actions.take_role(request.user, user, role), f"{{}} is no longer {role}"
    )


def _role(request: HttpRequest) -> Role:
    key = request.POST.get("role", "")
    roles = visible(request.user, Role, "change")
    found: Role = get_object_or_404(roles, pk=int(key) if key.isdecimal() and len(key) < 19 else 0)
    return found
