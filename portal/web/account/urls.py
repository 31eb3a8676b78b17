"""The addresses of the person's own account and of some ways to sign in."""

from __future__ import annotations

from portal.accounts.step_up import step_up_to_change
from portal.web.account.views import (
    address_request,
    api_tokens,
    emergency,
    first_start,
    profile,
    second_factor,
    sessions,
    single_sign_on,
)
from portal.web.frame import navigation
from portal.web.frame.addresses import _form, _guarded, _page, _public, _under

urlpatterns = [
    *_under(
        navigation.EMAIL_ADDRESS,
        _guarded("account/address-request/", address_request.address_request, "address-request"),
    ),
    *_under(
        navigation.PROFILE,
        _form("account/profile/", step_up_to_change(profile.profile), "account-profile"),
    ),
    *_under(
        navigation.SESSIONS,
        _page("account/sessions/", sessions.sessions, "account-sessions"),
        _guarded("account/sessions/end/", sessions.end, "account-sessions-end"),
    ),
    *_under(
        navigation.API_TOKENS,
        _form("account/api-tokens/", step_up_to_change(api_tokens.api_tokens), "account-api-tokens"),
        _form("account/api-tokens/<uuid:pk>/revoke/", api_tokens.revoke, "account-api-token-revoke"),
    ),
    # Addresses without an entry in the navigation.
    _page("account/second-factor/", second_factor.required, "second-factor-required"),
    _page("account/confirm/", single_sign_on.confirm, "confirm-with-sso"),
    _public("invitations/<str:token>/sso/", single_sign_on.accept_invitation, "invitation-sso"),
    _public("emergency/<str:token>/", emergency.emergency, "emergency"),
    _public("first-start/<str:token>/", first_start.first_start, "first-start"),
]
