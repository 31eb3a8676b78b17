"""Authenticate API requests by their token. The person of the token must still meet the sign-in policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal.accounts.models import ApiToken
from portal.accounts.sign_in.policy import Policy
from portal.accounts.tokens.token_use import require_second_factor
from portal.api.middleware import POLICY, TOKEN
from tenants.models import Person

# At run time, this import would be circular: REST framework imports this module to load `rest_framework.views`.
if TYPE_CHECKING:
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """Authenticates a request with the person and the token that ApiTokenMiddleware has found."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        token: ApiToken | None = getattr(request._request, TOKEN, None)
        return None if token is None else (token.person, token)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Surety"'


class HasToken(BasePermission):
    """Refuse requests without a token, and tokens of people who lack a second factor that their organization
    requires."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            raise NotAuthenticated("Send an API token in the header “Authorization: Bearer surety_pat_…”.")
        person = request.auth.person
        policy: Policy = getattr(request._request, POLICY)
        require_second_factor(person, policy)
        return True
