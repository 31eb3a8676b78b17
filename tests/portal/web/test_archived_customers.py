"""Lists over several customers leave out archived customers, or say that these customers are archived."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from assessments.actions.archive import archive_customer
from portal.queries.campaigns import progress_of
from portal.queries.exceptions.inbox import count_waiting
from portal.treatment.actions.comments import add_comment
from tenants.actions import restore_tenant
from tenants.models import Tenant
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def archive(world: World, tenant: Tenant) -> None:
    with organization_scope(world.organization):
        archive_customer(
            tenant=tenant, by=world.people["organization_administrator"], reason="The contract has ended."
        )


def test_the_inbox_of_an_approver_waits_until_the_customer_is_restored(world: World, sign_in: SignIn) -> None:
    approver = world.people["approver"]
    with person_scope(approver):
        waiting = count_waiting(approver)
    assert waiting > 0
    assert 'class="ask-title"' in page(sign_in(approver), "inbox")
    archive(world, world.home)
    html = page(sign_in(approver), "inbox")
    assert 'class="ask-title"' not in html
    assert sign_in(approver).get(reverse("my")).context["to_decide"] == []
    assert 'class="ask-title"' not in page(sign_in(approver), "inbox", query="?show=ending")
    with person_scope(approver):
        assert count_waiting(approver) == 0
    with organization_scope(world.organization):
        restore_tenant(by=world.people["organization_administrator"], tenant=world.home)
    with person_scope(approver):
        assert count_waiting(approver) == waiting


def test_mentions_in_an_archived_customer_are_not_listed(world: World, sign_in: SignIn) -> None:
    approver = world.people["approver"]
    with factories.in_tenant(world.home):
        add_comment(
            finding=world.of(world.home)["finding"],
            by=world.people["organization_engineer"],
            body=f"@{approver.email} Please look at this wall.",
        )
    assert "Please look at this wall." in page(sign_in(approver), "my")
    archive(world, world.home)
    assert "Please look at this wall." not in page(sign_in(approver), "my")


def test_a_campaign_counts_no_archived_customer_and_names_it(world: World, sign_in: SignIn) -> None:
    campaign = world.of(world.home)["campaign"]
    engineer = world.people["organization_engineer"]
    slug = world.organization.slug
    assert "Archived customers are not counted" not in page(sign_in(engineer), "campaign", slug, campaign.pk)
    archive(world, world.home)
    with organization_scope(world.organization):
        (found,) = progress_of([campaign], timezone.now())
    assert world.home.pk not in [one.tenant.pk for one in found.customers]
    assert [one.pk for one in found.archived] == [world.home.pk]
    html = page(sign_in(engineer), "campaign", slug, campaign.pk)
    assert "Archived customers are not counted" in html
    assert page(sign_in(engineer), "campaigns", slug)


def test_a_portfolio_of_archived_customers_is_not_called_empty(world: World, sign_in: SignIn) -> None:
    admin = world.people["organization_administrator"]
    assert "archived" not in page(sign_in(admin), "portfolio")
    with organization_scope(world.organization):
        tenants = list(Tenant.objects.filter(organization=world.organization))
    for tenant in tenants:
        archive(world, tenant)
    html = page(sign_in(admin), "portfolio")
    assert "All your customers are archived" in html
    assert "No customers yet" not in html
    assert "You have no access to any customer" not in html
