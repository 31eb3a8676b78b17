"""Adapters for allauth: administrators create accounts by invitation, and nobody can sign up."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.sign_in_limits import SignInLimits
from tenants.models import Person
from tenants.roles import Capability
from tenants.scope import person_scope


class InvitedOnlyAccountAdapter(SignInLimits):
    """Account adapter that allows no sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return My findings for people who only own findings, the portfolio for all others."""
        url: str = super().get_login_redirect_url(request)
        return reverse("my") if url == "/" and _only_owns(request.user) else url


def _only_owns(user: object) -> bool:
    if not isinstance(user, Person):
        return False
    with person_scope(user) as scope:
        return bool(scope.tenant_ids) and not any(
            scope.may(Capability.VIEW_ALL, tenant) for tenant in scope.tenant_ids
        )


class InvitedOnlySocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """OpenID Connect adapter without sign-up."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False
