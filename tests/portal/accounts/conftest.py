"""An organization with a customer, administrators and other people, and clients that sign in through the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.accounts.mails import send_due
from portal.accounts.sso import id_token
from tenants.models import Organization, OrganizationJournalEntry, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import PASSWORD
from tests.portal.accounts.issuer import Issuer


@dataclass
class Staff:
    """People with roles in an organization and its customer."""

    organization: Organization
    tenant: Tenant
    ada: Person  # administrator
    bea: Person  # administrator
    otto: Person  # owner
    paul: Person  # approver

    def journal(self) -> list[OrganizationJournalEntry]:
        with organization_scope(self.organization):
            return list(OrganizationJournalEntry.objects.order_by("sequence"))

    def actions(self) -> list[str]:
        return [entry.action for entry in self.journal()]


@pytest.fixture(autouse=True)
def no_limits_of_earlier_tests() -> None:
    """Forget how many attempts earlier tests made. The numbers are in the cache, which all tests of a process share."""
    cache.clear()


@pytest.fixture
def staff(db: None) -> Staff:
    organization = factories.organization("Northlight Managed")
    tenant = factories.tenant(organization, "Alder & Finch Clinics")
    people = {
        "ada": (Role.ORGANIZATION_ADMINISTRATOR, organization),
        "bea": (Role.ORGANIZATION_ADMINISTRATOR, organization),
        "otto": (Role.OWNER, tenant),
        "paul": (Role.APPROVER, tenant),
    }
    made = {
        name: factories.member(role, place, factories.person(f"{name}@northlight.example", name.title()))
        for name, (role, place) in people.items()
    }
    return Staff(organization, tenant, **made)


type SignIn = Callable[..., Client]


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that signs a person in on the sign-in page with a password."""

    def signed_in(person: Person, password: str = PASSWORD) -> Client:
        client = Client()
        response = client.post(reverse("account_login"), {"login": person.email, "password": password})
        assert response.status_code == 302, response.content.decode()[:2000]
        return client

    return signed_in


def verified(person: Person) -> list[str]:
    """Return the verified addresses of a person."""
    return list(EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True))


class Delivered:
    """The mails that have arrived. Before each access, stored mails are sent, as workers would do."""

    def __init__(self, arrived: list[Any]) -> None:
        self._arrived = arrived

    def _all(self) -> list[Any]:
        send_due()
        return self._arrived

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def __getitem__(self, place: int) -> Any:
        return self._all()[place]

    def __len__(self) -> int:
        return len(self._all())

    def clear(self) -> None:
        self._all().clear()


@pytest.fixture
def mails(mailoutbox: list[Any]) -> Delivered:
    return Delivered(mailoutbox)


@pytest.fixture
def plain_issuer(settings: Any) -> Iterator[Issuer]:
    """An issuer with the URL path and the claims of Entra, but on another host."""
    made = Issuer()
    settings.SOCIALACCOUNT_PROVIDERS = made.providers()
    settings.SURETY_OIDC_ISSUER = made.url
    yield made
    made.close()


@pytest.fixture
def issuer(plain_issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    """An issuer that counts as Entra, because its host is treated as one of Entra's."""
    monkeypatch.setattr(id_token, "ENTRA_HOSTS", id_token.ENTRA_HOSTS | {"127.0.0.1"})
    return plain_issuer
