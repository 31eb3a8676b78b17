"""The URLs of the site."""

from allauth.mfa.webauthn.views import login_webauthn
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path

from portal.accounts.sign_in.address_links import confirm_address
from portal.accounts.sign_in.password_reset import PasswordResetOnceView
from portal.accounts.sign_in.sign_in_limits import limit_starts

# This view shows the page for unexpected errors. Django requires the name `handler500`.
handler500 = "portal.database_busy.handler500"

urlpatterns = [
    # Allauth does not limit how often a client may request this URL, so limit it here.
    path("accounts/2fa/webauthn/login/", limit_starts(login_webauthn), name="mfa_login_webauthn"),
    # This page replaces allauth's page, which signs a person out if they open a link that was mailed to somebody else.
    path("accounts/confirm-email/<str:key>/", confirm_address, name="account_confirm_email"),
    # This page replaces allauth's page, in which simultaneous requests could use one link to set several passwords.
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        login_not_required(PasswordResetOnceView.as_view()),
        name="account_reset_password_from_key",
    ),
    path("accounts/", include("allauth.urls")),
    path("api/", include("portal.api.urls")),
    path("", include("portal.api.oauth.urls")),
    path("", include("portal.web.urls")),
]
