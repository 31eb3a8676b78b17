"""Pages about customers without any assessment: nothing was judged, so no number may look like a pass."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import Subscription, Tenant
from tenants.roles import Role
from tests import factories
from tests.portal.web.requests import page


@pytest.fixture
def new(client: Client, db: None) -> Tenant:
    organization = factories.organization("Northlight")
    tenant = factories.tenant(organization, "Newcomer")
    client.force_login(factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization))
    return tenant


def test_pages_of_all_customers_have_no_zeros(client: Client, new: Tenant) -> None:
    portfolio = page(client, "portfolio")
    for show in ("critical", "overdue"):
        assert re.search(rf'\?show={show}">.*?class="value unknown"\s*>not known<', portfolio, re.DOTALL), (
            show
        )
    owners = page(client, "workload")
    assert "Not known" in owners
    assert "No open findings" not in owners
    assert "0 open findings" not in owners
    findings = page(client, "all-findings", query="?state=open")
    assert "No findings yet" in findings
    assert "No findings match" not in findings


def test_pages_of_the_customer_have_no_zeros(client: Client, new: Tenant) -> None:
    owners = page(client, "tenant-workload", new.slug)
    assert "The findings of Newcomer are not known" in owners
    assert "No open findings" not in owners
    findings = page(client, "findings", new.slug, query="?state=open")
    assert "<p>No findings yet</p>" in findings
    exposure = page(client, "exposure", new.slug)
    figures = re.findall(r'<span class="value[^"]*">([^<]+)</span>', exposure)
    assert figures == ["not known"] * 5


def test_a_customer_without_service_principal_leads_to_the_connection(client: Client, new: Tenant) -> None:
    html = page(client, "assessments", new.slug)
    assert "Set up connection" in html
    assert "Start assessment" not in html


def test_an_organization_without_customers_leads_to_the_portfolio(client: Client, db: None) -> None:
    client.force_login(
        factories.member(Role.ORGANIZATION_ADMINISTRATOR, factories.organization("Northlight"))
    )
    for name in ("all-findings", "all-resources", "workload"):
        body = page(client, name).split("No customers to show")[1]
        assert "Go to the portfolio" in body, name


def test_a_customer_with_a_delegated_subscription_can_start_the_first_assessment(
    client: Client, new: Tenant
) -> None:
    with factories.in_tenant(new):
        Subscription.objects.create(
            tenant=new,
            directory=factories.directory(new),
            subscription_id=str(uuid4()),
            display_name="Delegated",
            state="Enabled",
            is_delegated=True,
            discovered_at=timezone.now(),
            last_seen_at=timezone.now(),
        )
    assert "No service principal" not in page(client, "portfolio")
    assert "Start the first assessment" in page(client, "tenant", new.slug)
    assert "Start assessment" in page(client, "assessments", new.slug)
