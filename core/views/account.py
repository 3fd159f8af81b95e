"""One's own account: who I am, my API tokens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from core import actions
from core.access import visible
from core.forms import ProfileForm, TokenForm
from core.models import ApiToken, User


def put_errors(form: Form, error: ValidationError) -> None:
    """Show what an action refused at the form's fields, or above them."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, found in error.error_dict.items():
        form.add_error(name if name in form.fields else None, found)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved")
        return redirect("account-profile")
    return render(request, "account/profile.html", {"title": "Profile", "form": form})


@login_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """The button in the top bar: keeps the theme with the person."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        return HttpResponse(f"There is no theme {chosen!r}", status=400, content_type="text/plain")
    request.user.theme = chosen
    request.user.save(update_fields=["theme"])
    return HttpResponse(status=204)


@login_required
@never_cache
@sensitive_variables()
def tokens(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            token, text = actions.create_token(
                request.user, request.user, form.cleaned_data["name"], form.scope_list(), form.expires_at()
            )
            shown, form = {"made": token, "text": text}, TokenForm()
        except ValidationError as error:
            put_errors(form, error)
    mine = visible(request.user, ApiToken).filter(user=request.user.pk)
    context = {"title": "API tokens", "form": form, "tokens": mine, **shown}
    return render(request, "account/tokens.html", context)


@login_required
@require_POST
@sensitive_post_parameters()
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(visible(request.user, ApiToken, "delete").filter(user=request.user.pk), pk=pk)
    actions.revoke_token(request.user, token)
    messages.success(request, f"{token} is revoked")
    return redirect("account-tokens")
