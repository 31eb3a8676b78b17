"""The URLs of the site."""

from allauth.mfa.webauthn.views import login_webauthn
from django.urls import include, path

from portal.accounts.sign_in_limits import limit_starts

urlpatterns = [
    # allauth has no limit for this address.
    path("accounts/2fa/webauthn/login/", limit_starts(login_webauthn), name="mfa_login_webauthn"),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.web.urls")),
]
