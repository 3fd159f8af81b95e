"""Addresses of core that belong to no resource."""

from django.urls import path

from core.api import docs
from core.views import account, history, overview, parts, people, search

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("account/profile/", account.profile, name="account-profile"),
    path("account/theme/", account.theme, name="account-theme"),
    path("account/tokens/", account.tokens, name="account-tokens"),
    path("account/tokens/<int:pk>/revoke/", account.revoke_token, name="account-token-revoke"),
    path("core/users/<int:pk>/activate/", people.activate, name="user-activate"),
    path("core/users/<int:pk>/deactivate/", people.deactivate, name="user-deactivate"),
    path("core/users/<int:pk>/unlock/", people.unlock, name="user-unlock"),
    path("core/users/<int:pk>/reset-password/", people.reset_password, name="user-reset-password"),
    path(
        "core/users/<int:pk>/remove-second-factor/",
        people.remove_second_factor,
        name="user-remove-second-factor",
    ),
    path("core/users/<int:pk>/give-role/", people.give_role, name="user-give-role"),
    path("core/users/<int:pk>/take-role/", people.take_role, name="user-take-role"),
    path("history/", history.history, name="history"),
    path("search/", search.search, name="search"),
    path("api/v1/schema/", docs.SchemaView.as_view(), name="api-schema"),
    path("api/v1/docs/", docs.docs, name="api-docs"),
    path("api/v1/docs/<slug:name>/", docs.docs, name="api-docs-section"),
    path("ui/", parts.parts, name="ui"),
    path("ui/points/", parts.sample_points, name="ui-points"),
]
