"""allauth's OpenID Connect provider with three changes: it recognizes users by their identity instead of their email
address, sends a nonce, and ignores the query string of the request that starts a sign-in.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.providers.base.constants import AuthAction, AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.accounts.sso import identity
from portal.accounts.sso.views import StrictOpenIDConnectAdapter

# The claims that are stored with a linked identity and shown on pages. No rights depend on them.
STORED_CLAIMS = ("iss", "sub", "tid", "oid", "preferred_username", "email", "name")


class StrictOpenIDConnectProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = StrictOpenIDConnectAdapter
    supports_token_authentication = False

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        """Redirect to the issuer. The nonce binds the issuer's answer to this browser's session.

        If `process` is `redirect`, the signed-in person re-authenticates, so the issuer must ask for the credentials.
        """
        nonce = secrets.token_urlsafe(32)
        parameters = {**self.get_auth_params(), "nonce": nonce, "response_mode": "query"}
        more: dict[str, Any] = {"nonce": nonce}
        if process == AuthProcess.REDIRECT:
            # `prompt` makes the issuer ask for the credentials. `max_age` makes the issuer state in the ID token when
            # the person has signed in (`auth_time`), so that `id_token.verify` can refuse earlier sign-ins. Entra lets
            # the ID token expire `max_age` seconds after the password was entered. So if `max_age` were 0, a person who
            # needs a minute for the second factor would be refused:
            # https://github.com/keycloak/keycloak/issues/46078.
            parameters |= {"prompt": "login", "max_age": str(settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)}
            more["signed_in_after"] = time.time()
        kwargs.pop("auth_params", None)
        kwargs.pop("scope", None)
        response: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=parameters, scope=self.get_scope(), **more, **kwargs
        )
        return response

    def get_auth_params_from_request(
        self, request: HttpRequest, action: str = AuthAction.AUTHENTICATE
    ) -> dict[str, Any]:
        """Ignore the query string. Otherwise, anybody could write a link that sets prompt, nonce or response type."""
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(self.get_scope())

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        return identity.of_claims(data)

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {name: data[name] for name in STORED_CLAIMS if name in data} | {
            "verified_address": identity.verified_address(data)
        }

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {"name": data.get("name")}

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[Any]:
        """Return no email addresses, so that allauth never links an identity to an account by an address alone."""
        return []


provider_classes = [StrictOpenIDConnectProvider]
