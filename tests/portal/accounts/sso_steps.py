"""Steps of single sign-on at the issuer of the tests."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.test import Client

from portal.accounts.sso import identity
from tenants.models import Person
from tests.portal.accounts.issuer import DIRECTORY, EntraUser, Issuer

LOGIN = "/accounts/oidc/sso/login/"


def sign_in_at_issuer(client: Client, issuer: Issuer, query: str = "") -> Any:
    """Sign in at the issuer, and return Surety's answer to the callback."""
    return client.get(issuer.authorize(address_at_issuer(client.post(LOGIN + query))))


def address_at_issuer(answer: Any) -> str:
    """Return the address that the page opens at the issuer."""
    page = answer.content.decode()
    assert answer.status_code == 200, page[-1500:]
    (address,) = re.findall(r'<meta http-equiv="refresh" content="0;url=([^"]+)">', page)
    return unescape(address)


def link(person: Person, user: EntraUser) -> SocialAccount:
    uid = identity.of_entra(DIRECTORY, user.oid)
    return SocialAccount.objects.create(user=person, provider="sso", uid=uid)
