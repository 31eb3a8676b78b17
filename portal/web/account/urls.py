"""The URLs of the person's own account, and of emergency links, set-up links and single sign-on."""

from __future__ import annotations

from portal.accounts.sign_in.step_up import step_up_to_change
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
from portal.web.frame.addresses import form, guarded, page, public, under

urlpatterns = [
    *under(
        navigation.EMAIL_ADDRESS,
        guarded("account/address-request/", address_request.address_request, "address-request"),
    ),
    *under(
        navigation.PROFILE,
        form("account/profile/", step_up_to_change(profile.profile), "account-profile"),
    ),
    *under(
        navigation.SESSIONS,
        page("account/sessions/", sessions.sessions, "account-sessions"),
        guarded("account/sessions/end/", sessions.end, "account-sessions-end"),
    ),
    *under(
        navigation.API_TOKENS,
        form("account/api-tokens/", step_up_to_change(api_tokens.api_tokens), "account-api-tokens"),
        form("account/api-tokens/<uuid:pk>/revoke/", api_tokens.revoke, "account-api-token-revoke"),
    ),
    # URLs without an entry in the navigation.
    page("account/second-factor/", second_factor.required, "second-factor-required"),
    page("account/confirm/", single_sign_on.confirm, "confirm-with-sso"),
    public("invitations/<str:token>/sso/", single_sign_on.accept_invitation, "invitation-sso"),
    public("emergency/<str:token>/", emergency.emergency, "emergency"),
    public("first-start/<str:token>/", first_start.first_start, "first-start"),
]
