"""Settings pages of a customer say which baseline of the organization sets their values."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from assessments.actions.profiles import set_profile
from portal.treatment.actions.baselines import save_baseline, set_baseline_profile
from portal.treatment.models import Baseline
from tenants.actors import System
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.portal.web.requests import page
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant(db: None) -> Tenant:
    return factories.tenant(factories.organization("Northlight"), "Contoso")


@pytest.fixture
def administrator(tenant: Tenant) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)


@pytest.fixture
def baseline(tenant: Tenant, administrator: Person) -> Baseline:
    with organization_scope(tenant.organization):
        row = save_baseline(
            organization=tenant.organization,
            by=administrator,
            tenants=[tenant],
            name="Standard",
            label="",
            due_days={"critical": 5},
            exception_cap_days=45,
            schedule="off",
        )
        return set_baseline_profile(baseline=row, by=administrator, tenants=[tenant], profile="mcsb-1")


def text(who: Person, name: str, tenant: Tenant) -> str:
    html = page(signed_in_client(who), name, tenant.slug)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.slow(seconds=1)
def test_the_profile_page_links_the_baseline_that_the_customer_follows(
    tenant: Tenant, administrator: Person, baseline: Baseline
) -> None:
    html = page(signed_in_client(administrator), "profile", tenant.slug)
    assert reverse("baseline", args=[tenant.organization.slug, baseline.pk]) in html
    assert (
        "The baseline Standard of Northlight sets the profile of all customers. Contoso follows the baseline"
        in text(administrator, "profile", tenant)
    )


def test_a_deviation_and_the_label_are_named(
    tenant: Tenant, administrator: Person, baseline: Baseline
) -> None:
    with tenant_scope(tenant.pk):
        set_profile(tenant=tenant, by=System("test"), profile="cis-6.0.0-level-1", controls=[])
    with organization_scope(tenant.organization):
        Tenant.objects.filter(pk=tenant.pk).update(labels=["gold"])
        Baseline.objects.filter(pk=baseline.pk).update(label="gold")
    assert (
        "sets the profile of customers with the label “gold”. Contoso deviates from the baseline, which sets: MCSB v1"
        in text(administrator, "profile", tenant)
    )


def test_the_policy_and_the_schedule_name_the_baseline(
    tenant: Tenant, administrator: Person, baseline: Baseline
) -> None:
    with organization_scope(tenant.organization):
        Tenant.objects.filter(pk=tenant.pk).update(exception_cap_days=20)
    policy = text(administrator, "policy", tenant)
    assert "sets the due dates of all customers. Contoso follows the baseline" in policy
    deviates = "Contoso deviates from the baseline, which sets: 45 days."
    assert f"sets the maximum length of exceptions of all customers. {deviates}" in policy
    assert "sets the schedule of all customers. Contoso follows" in text(administrator, "schedule", tenant)


def test_a_customers_administrator_reads_nothing_of_the_organizations_baseline(
    tenant: Tenant, baseline: Baseline
) -> None:
    who = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    for name in ("profile", "policy", "schedule"):
        assert "baseline" not in text(who, name, tenant).lower()


def test_without_a_baseline_nothing_is_said(tenant: Tenant, administrator: Person) -> None:
    assert "The baseline" not in text(administrator, "profile", tenant)
