"""allauth's adapters: nobody signs up; a person begins with an invitation."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.urls import reverse

from tenants.models import Person
from tenants.roles import Capability
from tenants.scope import person_scope


class InvitedOnlyAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who only owns findings begins with these; everybody else with the portfolio."""
        url: str = super().get_login_redirect_url(request)
        return reverse("my") if url == "/" and _only_owns(request.user) else url


def _only_owns(who: object) -> bool:
    if not isinstance(who, Person):
        return False
    with person_scope(who) as held:
        return bool(held.tenant_ids) and not any(
            held.may(Capability.VIEW_ALL, tenant) for tenant in held.tenant_ids
        )


class InvitedOnlySocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False
