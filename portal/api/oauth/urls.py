"""The URLs of the authorization server."""

from __future__ import annotations

from django.urls import path

from portal.api.oauth import views

urlpatterns = [
    path("oauth/token", views.token, name="oauth-token"),
    path("oauth/revoke", views.revoke, name="oauth-revoke"),
    path(".well-known/oauth-authorization-server", views.metadata, name="oauth-metadata"),
]
