"""The pages of Azure Lighthouse: the organization's principals, and decisions about delegated subscriptions."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.credentials.attempt_records import end_attempt, latest_attempt
from tenants.azure.credentials import CredentialResult
from tenants.models import Delegation, Directory, ManagingPrincipal, Subscription
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_administrator"])


def url(world: World, name: str, *args: object) -> str:
    return reverse(name, args=[world.organization.slug, *args])


def send(client: Client, address: str, **data: object) -> str:
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def home_of(world: World) -> Directory:
    with factories.in_tenant(world.home):
        return Directory.objects.all()[0]


def rows(world: World) -> dict[str, tuple[str, UUID | None]]:
    with organization_scope(world.organization):
        return {
            row.display_name: (row.decision, row.tenant_id)
            for row in Delegation.objects.filter(organization=world.organization)
        }


def test_the_only_customer_with_the_directory_is_proposed_and_assigned(world: World, client: Client) -> None:
    row = factories.delegation(
        world.of(world.home)["managing_principal"], home_of(world).directory_id, "Alder shop"
    )
    html = page(client, "lighthouse", world.organization.slug)
    assert row.subscription_id in html
    assert world.home.name.replace("&", "&amp;") in html
    assert "No customer has the home directory." in html  # About another delegation of the test data
    answer = send(client, url(world, "delegations-assign"), subscription=[row.pk])
    assert "1 assigned." in answer
    assert rows(world)["Alder shop"] == ("assigned", world.home.pk)
    with factories.in_tenant(world.home):
        assert Subscription.objects.get(subscription_id=row.subscription_id).is_delegated
    answer = send(client, url(world, "delegation-undo", row.pk))
    assert "is undone." in answer
    assert rows(world)["Alder shop"] == ("", None)


def test_without_a_customer_nothing_is_assigned(world: World, client: Client) -> None:
    row = world.of(world.home)["delegation"]
    answer = send(client, url(world, "delegations-assign"), subscription=[row.pk])
    assert "Register a customer with this directory first." in answer
    assert rows(world)[row.display_name] == ("", None)


def test_one_of_several_customers_must_be_chosen(world: World, client: Client) -> None:
    home = home_of(world).directory_id
    other = factories.directory(factories.tenant(world.organization, "Birch"), directory_id=home)
    row = factories.delegation(world.of(world.home)["managing_principal"], home, "Shared")
    answer = send(client, url(world, "delegations-assign"), subscription=[row.pk])
    assert "Several customers have this directory. Choose one of them." in answer
    assert rows(world)["Shared"] == ("", None)
    send(client, url(world, "delegations-assign"), subscription=[row.pk], **{f"directory-{row.pk}": other.pk})
    assert rows(world)["Shared"] == ("assigned", other.tenant_id)


def test_directory_of_another_organization_is_not_found(world: World, client: Client) -> None:
    row = factories.delegation(world.of(world.home)["managing_principal"], name="Theirs")
    foreign = factories.directory(directory_id=row.home_directory_id)
    data = {"subscription": [row.pk], f"directory-{row.pk}": foreign.pk}
    assert client.post(url(world, "delegations-assign"), data).status_code == 404
    assert rows(world)["Theirs"] == ("", None)


def test_excluding_needs_a_reason(world: World, client: Client) -> None:
    row = world.of(world.home)["delegation"]
    answer = send(client, url(world, "delegations-exclude"), subscription=[row.pk], reason=" ")
    assert "Enter the reason" in answer
    answer = send(client, url(world, "delegations-exclude"), subscription=[row.pk], reason="No contract")
    assert "1 subscription excluded." in answer
    assert "No contract" in answer
    assert "Select a subscription first." in send(client, url(world, "delegations-exclude"), reason="x")


def test_only_administrators_of_the_organization_see_the_pages(world: World, sign_in: SignIn) -> None:
    for role in ("organization_engineer", "tenant_administrator", "auditor"):
        found = sign_in(world.people[role])
        for name in ("lighthouse", "managing-principal-add"):
            assert found.get(url(world, name)).status_code in (403, 404), (role, name)


def test_register_form_says_what_is_wrong(world: World, client: Client) -> None:
    known = world.of(world.home)["managing_principal"]
    address = url(world, "managing-principal-add")
    given = {"directory_id": uuid4(), "client_id": uuid4(), "cloud": "AzureCloud"}
    assert "Enter the client secret" in client.post(address, given).content.decode()
    domain = client.post(address, {**given, "directory_id": "contoso.onmicrosoft.com"}).content.decode()
    assert "“contoso.onmicrosoft.com” is a domain name of the directory, not its ID." in domain
    wrong = {**given, "secret": str(uuid4())}
    assert "This is the ID of the secret, not its value." in client.post(address, wrong).content.decode()
    same = {**given, "directory_id": known.directory_id, "client_id": known.client_id, "secret": "a~secret"}
    response = client.post(address, same)
    assert response.status_code == 400
    assert "already has this service principal" in response.content.decode()


def test_accepted_sign_in_leads_to_the_principal(world: World, client: Client) -> None:
    given = {"directory_id": uuid4(), "client_id": uuid4(), "cloud": "AzureCloud", "secret": "a~secret.value"}
    address = client.post(url(world, "managing-principal-add"), given).headers["Location"]
    attempt_id = UUID(address.partition("?attempt=")[2])
    attempt = latest_attempt(world.organization.pk, attempt_id)
    assert attempt is not None
    assert attempt.is_waiting
    assert "a~secret.value" not in client.get(address).content.decode()
    end_attempt(world.organization.pk, attempt, CredentialResult("AADSTS7000215", "Wrong secret."))
    assert "Wrong secret." in client.get(address).content.decode()


def principals(world: World) -> int:
    with organization_scope(world.organization):
        return ManagingPrincipal.objects.count()


def test_principal_is_disabled_enabled_and_removed(world: World, client: Client) -> None:
    principal = world.of(world.home)["managing_principal"]
    row = factories.delegation(principal, home_of(world).directory_id, "Alder shop")
    send(client, url(world, "delegations-assign"), subscription=[row.pk])
    assert "no longer use the service principal" in send(
        client, url(world, "managing-principal-switch", principal.pk)
    )
    assert "The service principal is disabled" in page(client, "lighthouse", world.organization.slug)
    assert "enabled." in send(client, url(world, "managing-principal-switch", principal.pk))
    answer = send(client, url(world, "managing-principal-remove", principal.pk))
    assert "its credential" in answer
    assert "The service principal was removed" in answer
    assert rows(world)["Alder shop"] == ("assigned", world.home.pk)
    assert principals(world) == 0


def test_number_of_queries_does_not_grow(world: World, client: Client) -> None:
    principal = world.of(world.home)["managing_principal"]
    home = home_of(world).directory_id
    factories.delegation(principal, home, "First")
    page(client, "lighthouse", world.organization.slug)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(client, "lighthouse", world.organization.slug)
        counts.append(len(queries))
        for number in range(6):
            factories.delegation(principal, home, f"More {number}")
            factories.managing_principal(world.organization)
    assert counts[0] == counts[1]
