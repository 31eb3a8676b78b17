"""Steps of single sign-on at the issuer of the tests."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.test import Client

from portal.accounts.sso import identity
from tenants.models import Person
from tests.portal.accounts.issuer import DIRECTORY, EntraUser, Issuer

LOGIN = "/accounts/oidc/sso/login/"


def sign_in_at_issuer(client: Client, issuer: Issuer, query: str = "") -> Any:
    """Go to the issuer, sign in there and return; return the answer to the callback."""
    left = client.post(LOGIN + query)
    assert left.status_code == 302, left.content.decode()[-1500:]
    return client.get(issuer.authorize(left.headers["Location"]))


def link(person: Person, user: EntraUser) -> SocialAccount:
    uid = identity.of_entra(DIRECTORY, user.oid)
    return SocialAccount.objects.create(user=person, provider="sso", uid=uid)
