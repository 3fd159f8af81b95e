"""Template tags of the pages of resources."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from core.panels import Filled

register = template.Library()


@register.simple_tag(takes_context=True)
def filled_panel(context: Context, panel: Filled) -> SafeString:
    """The template of a panel with the panel's own variables, besides those of the page's request."""
    assert context.template is not None
    shared = {name: context.get(name) for name in ("csrf_token", "user", "request")}
    inner = context.new({**shared, **panel.context})
    return mark_safe(context.template.engine.get_template(panel.template).render(inner))  # noqa: S308
