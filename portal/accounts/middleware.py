"""Middleware that records who uses a session, ends sessions, and applies an organization's sign-in policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.accounts import after_answer
from portal.accounts.returning import sign_in_url
from portal.accounts.sessions import Client, SessionStore
from portal.accounts.sign_in import authentication
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.policy import Policy, policy_in_scope
from portal.accounts.sign_in.step_up import ALLAUTH_PAGES, ask_again
from tenants.isolation.built_query import BuiltInstances
from tenants.middleware import SCOPE_LIMIT
from tenants.models import Organization, Person
from tenants.scope import Scope, current
from tenants.values.time_display import showing_by_default

# The header of requests that a page sends by itself, for example to show the progress of an assessment. Such requests
# do not keep a session alive.
REFRESH_HEADER = "X-Surety-Refresh"

# People who must first set up a second factor may open only these pages.
SETTING_UP = frozenset(
    {
        "second-factor-required",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_reauthenticate",
        "account_logout",
        "confirm-with-sso",
        "openid_connect_login",
        "openid_connect_callback",
        "theme",
        "verify",
        "unsubscribe",
    }
)

# The names of two attributes of a request. One contains the sign-in policy of the signed-in person. The other contains
# the person's organizations, sorted by name.
_POLICY = "_surety_sign_in_policy"
_ORGANIZATIONS = "_surety_organizations"


def _build_organizations(visible: list[UUID]) -> QuerySet[Organization]:
    scope = Scope(tenant_ids=frozenset(), visible_organization_ids=frozenset(visible))
    return Organization._base_manager.filter(Organization.objects.visible(scope)).order_by("name", "pk")


# The query is built only once, because every request of a signed-in person sends it.
_organizations = BuiltInstances(_build_organizations, visible=[UUID(int=0)])

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SessionClientMiddleware:
    """Store the client's IP address and browser in the session, so that people recognize their sessions.

    The middleware also starts the work that views and other middleware have deferred until after the answer
    (`after_answer`).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if isinstance(session, SessionStore):
            address = get_adapter(request).get_client_ip(request)
            session.client = Client(address, request.headers.get("User-Agent", ""))
        after_answer.collect(request)
        response = self.get_response(request)
        after_answer.follow(request, response)
        return response


class SignInPolicyMiddleware:
    """Apply the sign-in policy of the person's organizations to every request. In the settings, this middleware comes
    after the middleware that opens a transaction with the person's scope (`tenants.scope`).

    A session that the present policy does not permit ends with its next request. Requests with an API token have no
    session; the API applies the policy to them itself.

    The middleware also sets the time zone in which pages show times. This is the time zone that the person chose or, if
    the person chose no time zone, the time zone of the organizations.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not isinstance(request.user, Person) or hasattr(request, SCOPE_LIMIT):
            return self.get_response(request)
        person, session = request.user, request.session
        scope = current()
        visible = scope.visible_organization_ids | scope.organization_ids
        organizations = _organizations(visible=list(visible)) if visible else []
        policy = policy_in_scope(person, scope, organizations)
        setattr(request, _POLICY, policy)
        setattr(request, _ORGANIZATIONS, organizations)
        if reason := _ended(request, person, policy):
            place = sign_in_url(request)
            logout(request)
            messages.info(request, reason)
            return _go(request, place)
        if isinstance(session, SessionStore) and REFRESH_HEADER not in request.headers:
            session.touch()
        with showing_by_default(person, (one.timezone for one in organizations)):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not isinstance(request.user, Person) or request.resolver_match is None:
            return None
        if hasattr(request, SCOPE_LIMIT):
            return None
        name = request.resolver_match.url_name or ""
        if name not in SETTING_UP and _lacks_second_factor(request, request.user):
            return _go(request, reverse("second-factor-required"))
        connects = name == "openid_connect_login" and request.GET.get("process") == "connect"
        if name in ALLAUTH_PAGES or connects:
            return ask_again(request)
        return None


def organizations_of(request: HttpRequest) -> list[Organization]:
    """Return the organizations in which the signed-in person has a role, sorted by name. `SignInPolicyMiddleware` has
    already read them, so this function sends no query.
    """
    found: list[Organization] = getattr(request, _ORGANIZATIONS, [])
    return found


def _ended(request: HttpRequest, person: Person, policy: Policy) -> str:
    """Return the reason why the session ends now, or an empty text if it continues."""
    row, now = getattr(request.session, "row", None), timezone.now()
    if row is not None and row.last_seen_at + policy.idle <= now:
        return "You were signed out because you were inactive. Sign in again."
    if row is not None and row.created_at + policy.absolute <= now:
        return "You were signed out because your session reached its maximum length. Sign in again."
    given = authentication.methods(request, person)
    if policy.sso and not given & {Method.SSO, Method.EMERGENCY}:
        return "Your organization requires single sign-on. Sign in with single sign-on."
    return ""


def _lacks_second_factor(request: HttpRequest, person: Person) -> bool:
    policy: Policy = getattr(request, _POLICY)
    if not policy.second_factor or authentication.has_second_factor(person):
        return False
    given = authentication.methods(request, person)
    return not (Method.EMERGENCY in given or (policy.trusts_sso and Method.SSO in given))


def _go(request: HttpRequest, url: str) -> HttpResponseBase:
    """Redirect the whole page, even if htmx requested a part of it."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
