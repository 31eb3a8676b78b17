"""The page of subscriptions of other directories: visibility, assigning, excluding and undoing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tenants.models import ServicePrincipal, Subscription
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World

pytestmark = pytest.mark.django_db


@dataclass
class ForeignCase:
    """The world's home customer sees the subscription `seen`, which belongs to the directory of another customer of the
    organization. `other` is the service principal of this other customer.
    """

    world: World
    client: Client
    other: ServicePrincipal
    seen: Subscription

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.world.organization.slug, *args])

    def html(self) -> str:
        return page(self.client, "foreign-subscriptions", self.world.organization.slug)

    def send(self, name: str, **data: object) -> str:
        response = self.client.post(self.url(name), data, follow=True)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    def in_other(self) -> list[str]:
        with factories.in_tenant(self.other.tenant):
            return list(Subscription.objects.filter(tenant=self.other.tenant).values_list("state", flat=True))


@pytest.fixture
def case(world: World, sign_in: SignIn) -> ForeignCase:
    tenant = factories.tenant(world.organization, "Birch Logistics")
    other = factories.service_principal(factories.directory(tenant, name="Birch"))
    other.tenant = tenant
    seen = factories.foreign_subscription(
        world.of(world.home)["principal"], other.directory.directory_id, "Birch production"
    )
    return ForeignCase(world, sign_in(world.people["organization_engineer"]), other, seen)


def test_the_page_names_home_and_the_customer_who_sees_it(case: ForeignCase) -> None:
    html = case.html()
    for text in (
        "Birch production",
        case.seen.subscription_id,
        case.seen.home_directory_id,
        "Birch Logistics",
    ):
        assert text in html
    # The foreign subscription of the test data belongs to a directory that no customer has.
    assert "No customer has the home directory" in html
    assert "Alder &amp; Finch Clinics" in html


def test_assigned_subscriptions_show_the_command_until_their_own_principal_sees_them(
    case: ForeignCase,
) -> None:
    html = case.send("foreign-subscriptions-assign", subscription=[case.seen.pk])
    assert "1 assigned. Surety cannot read 1 of these subscriptions yet" in html
    # The command names the principal by its object id, because the name of a new service principal may not be found
    # everywhere yet.
    principal = escape(f'"$(az ad sp show --id {case.other.client_id} --query id --output tsv)"')
    # The first command signs in to the directory of the subscription, because people are usually signed in to another
    # one. `send` returns line breaks as spaces.
    command = (
        f"az login --tenant {case.other.directory.directory_id}"
        f" az account set --subscription {case.seen.subscription_id}"
        f" az role assignment create --assignee-object-id {principal} --assignee-principal-type ServicePrincipal"
        f" --role Reader --scope /subscriptions/{case.seen.subscription_id}"
    )
    assert command in html
    assert "Waiting for access" in html
    assert case.in_other() == ["Waiting"]
    slug = case.other.tenant.slug
    for name, args in (("tenant-settings", ()), ("preflight", (case.other.pk,))):
        assert command in page(case.client, name, slug, *args), name
    html = " ".join(
        case.client.post(case.url("foreign-subscription-undo", case.seen.pk), follow=True)
        .content.decode()
        .split()
    )
    assert "The decision to assign or exclude Birch production is undone" in html
    assert case.in_other() == []


def test_subscriptions_without_a_registered_home_are_not_assigned(case: ForeignCase) -> None:
    unknown = case.world.of(case.world.home)["delegated"]
    html = case.send("foreign-subscriptions-assign", subscription=[case.seen.pk, unknown.pk])
    assert "Register a customer with this directory first" in html
    assert case.in_other() == []


def test_a_directory_of_two_customers_needs_a_choice(case: ForeignCase) -> None:
    twin = factories.directory(
        factories.tenant(case.world.organization, "Cedar"), directory_id=case.seen.home_directory_id
    )
    assert "Choose one of them." in case.send("foreign-subscriptions-assign", subscription=[case.seen.pk])
    stranger = case.world.of(case.world.foreign)["directory"]
    data = {"subscription": [case.seen.pk], f"directory-{case.seen.pk}": stranger.pk}
    assert case.client.post(case.url("foreign-subscriptions-assign"), data).status_code == 404
    data[f"directory-{case.seen.pk}"] = twin.pk
    assert "1 assigned" in case.send("foreign-subscriptions-assign", **data)
    assert case.in_other() == []
    with factories.in_tenant(twin.tenant):
        assert Subscription.objects.get().tenant_id == twin.tenant_id


@pytest.mark.slow(seconds=1)
def test_exclusion_in_bulk_needs_a_reason(case: ForeignCase) -> None:
    both = [case.seen.pk, case.world.of(case.world.home)["delegated"].pk]
    assert "Enter the reason" in case.send("foreign-subscriptions-exclude", subscription=both)
    html = case.send("foreign-subscriptions-exclude", subscription=both, reason="Owned by a partner")
    assert "2 subscriptions excluded" in html
    assert html.count("Owned by a partner") == 2
    assert "Select a subscription first" in case.send("foreign-subscriptions-exclude", reason="x")


@pytest.mark.slow(seconds=1)
def test_portfolio_and_settings_link_to_undecided_subscriptions(case: ForeignCase, sign_in: SignIn) -> None:
    link, slug = "Assign or exclude", case.world.home.slug
    assert "see 2 subscriptions of other directories" in page(case.client, "portfolio")
    html = page(case.client, "tenant-settings", slug)
    assert link in html
    assert "also see 2 subscriptions of other directories" in html
    assert "Birch production" not in html
    customer = sign_in(case.world.people["tenant_administrator"])
    for name, args in (("portfolio", ()), ("tenant-settings", (slug,))):
        html = page(customer, name, *args)
        assert link not in html, name
        assert "Birch" not in html, name
    both = [case.seen.pk, case.world.of(case.world.home)["delegated"].pk]
    case.send("foreign-subscriptions-exclude", subscription=both, reason="Owned by a partner")
    assert link not in page(case.client, "tenant-settings", slug)
    assert "of other directories." not in page(case.client, "portfolio")


def test_a_customers_administrator_sees_no_other_customers_subscription(
    case: ForeignCase, sign_in: SignIn
) -> None:
    customer = sign_in(case.world.people["tenant_administrator"])
    html = page(customer, "foreign-subscriptions", case.world.organization.slug)
    assert "No subscriptions of other directories" in html
    assert "Birch" not in html
    page(
        sign_in(case.world.people["auditor"]),
        "foreign-subscriptions",
        case.world.organization.slug,
        status=403,
    )
