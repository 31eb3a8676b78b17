"""Handle identities that a provider confirmed: sign in, re-authenticate, link, or refuse."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.accounts.actions.permits import person_with_permit
from portal.accounts.sign_in import authentication
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import Reason, record_refusal
from portal.accounts.sso.issuer_session import IssuerSession
from portal.accounts.sso.views import INVITATION_KEY
from portal.members.accounts import create_account_without_password
from tenants import selectors
from tenants.errors import SuretyError
from tenants.models import Person

log = structlog.get_logger(__name__)


class InvitedOnlySocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """OpenID Connect adapter without sign-up. An identity signs in only to the account to which it is linked, never to
    an account that merely has the same email address.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> Any:
        """Return an HTTP session for the identity provider. It refuses redirects, and limits the size and time of
        answers.
        """
        return IssuerSession()

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        process = sociallogin.state.get("process")
        if process == AuthProcess.REDIRECT:
            self._prove_again(request, sociallogin)
        elif process == AuthProcess.CONNECT:
            if not isinstance(request.user, Person) or not authentication.is_recent(request, request.user):
                raise ImmediateHttpResponse(redirect("socialaccount_connections"))
        elif request.user.is_authenticated and not (
            sociallogin.is_existing and sociallogin.user == request.user
        ):
            # This request runs with the scope (`tenants.scope`) of the person who is already signed in, so it cannot
            # sign in another person.
            log.warning("sso_other_identity", identity=sociallogin.account.uid)
            if sociallogin.is_existing:
                record_refusal(sociallogin.user, request, method=Method.SSO, reason=Reason.OTHER_PERSON)
            raise ImmediateHttpResponse(
                render(request, "socialaccount/still_signed_in.html", {"identity": sociallogin}, status=403)
            )
        elif not sociallogin.is_existing:
            self._link(request, sociallogin)

    def _prove_again(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        person = request.user
        if not isinstance(person, Person) or sociallogin.user != person:
            log.warning("sso_other_identity", identity=sociallogin.account.uid)
            if isinstance(person, Person):
                record_refusal(person, request, method=Method.SSO, reason=Reason.OTHER_IDENTITY)
            raise ImmediateHttpResponse(
                render(request, "socialaccount/other_identity.html", {"identity": sociallogin}, status=403)
            )
        authentication.record(request, person, Method.SSO)
        back = sociallogin.get_redirect_url(request) or reverse("portfolio")
        # If `next` is the URL of the form that waits for the re-authentication, allauth submits this form.
        query = request.GET.copy()
        query["next"] = back
        request.GET = query  # type: ignore[assignment]  # declared as immutable
        raise ImmediateHttpResponse(resume_request(request) or redirect(back))

    def _link(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link the identity if the person accepts an invitation or has an administrator's permit. Otherwise, refuse the
        sign-in.
        """
        claims = sociallogin.account.extra_data
        token = sociallogin.state.get(INVITATION_KEY)
        try:
            if token:
                person = create_account_without_password(
                    invitation=selectors.invitation(token), token=token, name=str(claims.get("name") or "")
                )
            else:
                address = str(claims.get("verified_address", ""))
                found = person_with_permit(address=address, identity=sociallogin.account.uid)
                if found is None:
                    raise self._unknown(request, sociallogin.account)
                person = found
        except SuretyError as error:
            raise self._unknown(request, sociallogin.account, error.message) from error
        sociallogin.connect(request, person)

    def _unknown(
        self, request: HttpRequest, account: SocialAccount, reason: str = ""
    ) -> ImmediateHttpResponse:
        log.warning("sso_unknown_identity", identity=account.uid)
        context: dict[str, Any] = {"claims": account.extra_data, "reason": reason}
        return ImmediateHttpResponse(
            render(request, "socialaccount/unknown_identity.html", context, status=403)
        )

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        get_account_adapter().send_notification_mail(*args, **kwargs)
