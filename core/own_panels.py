"""What core itself shows on objects' pages and on the overview: their history, people's roles."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from core import cards, history, panels, rank
from core.access import Sight, can, hidden_fields, visible
from core.forms import RoleForm
from core.history_entries import entries_everywhere, entries_of
from core.models import Role, User
from core.recent import Wanted, recent, together

SHOWN = 20
SHOWN_ON_CARD = 40


def history_panel(request: HttpRequest, obj: Model) -> dict[str, Any] | None:
    """The last changes of any object whose model is tracked."""
    if type(obj) not in history.tracked_models():
        return None
    changes = history.changes(obj, SHOWN, hidden_fields(request.user, type(obj)), Sight(request.user))
    return {"entries": entries_of(changes), "complete": len(changes) < SHOWN}


def recent_card(request: HttpRequest) -> dict[str, Any] | None:
    changes = recent(request.user, Wanted(), SHOWN_ON_CARD)
    return {"entries": entries_everywhere(together(changes))[:8]}


def roles_panel(request: HttpRequest, user: User) -> dict[str, Any] | None:
    """A person's roles; with a form for who may give them."""
    roles = visible(request.user, Role).filter(users=user.pk)
    if not can(request.user, "view", Role):
        return None
    others = visible(request.user, Role, "change").exclude(pk__in=roles.values("pk"))
    givable = others.filter(pk__in=rank.coverable(request.user, others))
    may = can(request.user, "change", Role) and can(request.user, "change", user)
    return {
        "roles": roles,
        "may_change": may,
        "form": RoleForm(roles=givable) if may else None,
        "person": user,
        "no_password": may and (not user.password or not user.has_usable_password()),
    }


def register() -> None:
    """Called once, at start."""
    panels.add(User, "core/panels/roles.html", roles_panel, order=50, width="side")
    panels.add(Model, "core/panels/history.html", history_panel, order=900)
    cards.add("changed", "core/cards/recent.html", recent_card)
