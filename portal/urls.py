"""The URLs of the site."""

from allauth.mfa.webauthn.views import login_webauthn
from django.urls import include, path

from portal.accounts.address_links import confirm_address
from portal.accounts.sign_in_limits import limit_starts

urlpatterns = [
    # allauth has no limit for this address.
    path("accounts/2fa/webauthn/login/", limit_starts(login_webauthn), name="mfa_login_webauthn"),
    # Replaces allauth's page, which signs a person out if they open a link that was mailed to somebody else.
    path("accounts/confirm-email/<str:key>/", confirm_address, name="account_confirm_email"),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.web.urls")),
]
