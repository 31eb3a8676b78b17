"""The two views of a sign-in with OpenID Connect. One sends the browser to the issuer, and the browser returns to the
other.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from requests import RequestException

from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import Reason, record_refusal
from portal.accounts.sign_in.sign_in_limits import limit_starts
from portal.accounts.sso import id_token
from portal.accounts.sso.errors import IdentityRefused
from tenants.models import Person

log = structlog.get_logger(__name__)

# If a person signs in to accept an invitation, the state of the sign-in contains the invitation's token under this key.
INVITATION_KEY: Final = "invitation"


class StrictOpenIDConnectAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's exchange with the issuer; claims are taken only from a verified ID token."""

    state: dict[str, Any]

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            server_url = self.get_provider().server_url
            config = _document(server_url)
            id_token.check_configuration(config, server_url)
            self._openid_config = config
        return self._openid_config

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the tokens of the token endpoint. Ignore the access token's expiry, because Surety does not
        use that token."""
        try:
            data = super().get_access_token_data(*args, **kwargs)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise IdentityRefused(
                "The token endpoint’s answer is not a JSON object.", code="token_missing"
            ) from error
        except OAuth2Error as error:
            # Only an answer without an access token leads to this error: if the answer has an error status,
            # `IssuerSession` has already raised another exception.
            raise IdentityRefused(
                "The identity provider sent no access token.", code="token_missing"
            ) from error
        tokens = (
            {name: data.get(name) for name in ("access_token", "id_token")} if isinstance(data, dict) else {}
        )
        for name, title in (("id_token", "ID token"), ("access_token", "access token")):
            if not isinstance(tokens.get(name), str):
                raise IdentityRefused(f"The identity provider sent no {title}.", code="token_missing")
        return tokens

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        try:
            claims = id_token.verify(
                kwargs["response"]["id_token"],
                keys=_document(self.openid_config["jwks_uri"]),
                issuer=str(self.openid_config["issuer"]),
                client_id=app.client_id,
                nonce=str(self.state.get("nonce", "")),
                directories=settings.SURETY_OIDC_DIRECTORIES,
                signed_in_after=self.state.get("signed_in_after"),
            )
        except IdentityRefused as error:
            log.warning("sso_refused", code=error.code, reason=error.message)
            # Record the refusal only if a person is already signed in. Otherwise, the person is unknown: claims of a
            # refused answer must not be trusted.
            if isinstance(request.user, Person):
                record_refusal(request.user, request, method=Method.SSO, reason=Reason.REFUSED_ANSWER)
            raise
        return self.get_provider().sociallogin_from_response(request, claims)


def _document(address: str) -> dict[str, Any]:
    """Request a document of the identity provider, which must be a JSON object. Raise IdentityRefused for anything
    else.
    """
    with get_adapter().get_requests_session() as session:
        response = session.get(address)
        try:
            document = response.json()
        except (ValueError, RecursionError):
            document = None
    if not isinstance(document, dict):
        raise IdentityRefused(
            f"The answer of {address} is not a JSON object. Check SURETY_OIDC_ISSUER and the identity provider.",
            code="document_invalid",
        )
    return document


class StrictCallbackView(OAuth2CallbackView):  # type: ignore[misc]
    """The view to which the browser returns from the issuer. It passes the state of the sign-in to the adapter."""

    def _get_state(self, request: HttpRequest, provider: object) -> tuple[Any, Any]:
        state, response = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, response


@login_not_required  # type: ignore[untyped-decorator]
@limit_starts
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _page_to_issuer(request, _call(OAuth2LoginView, request, provider_id))


@limit_starts
def login_with_invitation(request: HttpRequest, provider_id: str, token: str) -> HttpResponseBase:
    """Send the browser to the issuer, to accept an invitation with single sign-on.

    `token` is the token of an invitation that the person wants to accept. It is part of the state of this sign-in, so
    no other sign-in of the session accepts the invitation.
    """

    class View(OAuth2LoginView):  # type: ignore[misc]
        def dispatch(self, request: HttpRequest) -> HttpResponseBase:
            redirected: HttpResponseBase = self.get_provider().redirect(
                request, AuthProcess.LOGIN, **{INVITATION_KEY: token}
            )
            return redirected

    return _page_to_issuer(request, _call(View, request, provider_id))


@login_not_required  # type: ignore[untyped-decorator]
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _call(StrictCallbackView, request, provider_id)


def _page_to_issuer(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return a page that opens the issuer, instead of a redirect to the issuer.

    A browser applies `form-action` of the content security policy to all redirects that follow a form, including
    redirects by the issuer. Some issuers have their pages on another host, or redirect to another identity provider, so
    Chromium would block the form.
    """
    address = response.headers.get("Location", "")
    if response.status_code != 302 or not urlsplit(address).netloc:
        return response
    return render(request, "socialaccount/to_issuer.html", {"address": address})


def _call(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        response: HttpResponseBase = view.adapter_view(StrictOpenIDConnectAdapter(request, provider_id))(
            request
        )
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (IdentityRefused, RequestException) as error:
        # The issuer could not be reached to prepare the redirect, or its discovery document is invalid.
        log.warning("sso_issuer_unusable", reason=str(error))
        provider = get_adapter(request).get_provider(request, provider=provider_id)
        response = render_authentication_error(request, provider, exception=error)
    return response
