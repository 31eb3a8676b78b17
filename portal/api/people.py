"""The token of a request, and the person to whom the token belongs."""

from __future__ import annotations

from rest_framework.request import Request

from portal.accounts.models import ApiToken
from tenants.errors import NoScope
from tenants.models import Person


def token_of(request: Request) -> ApiToken:
    """Return the token with which a request was sent."""
    if not isinstance(request.auth, ApiToken):
        raise NoScope("This view of the API needs a token. Give the view the permission class HasToken.")
    return request.auth


def person(request: Request) -> Person:
    """Return the person of the request's token."""
    if not isinstance(request.user, Person):
        raise NoScope("This view of the API needs a token. Give the view the permission class HasToken.")
    return request.user
