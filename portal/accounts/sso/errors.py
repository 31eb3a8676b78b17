"""Errors of single sign-on."""

from __future__ import annotations

from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from tenants.errors import SuretyError


class IdentityRefused(SuretyError, OAuth2Error):  # type: ignore[misc]
    """The answer of the identity provider is not accepted. allauth then shows its page for failed sign-ins."""

    default_code = "identity_refused"
