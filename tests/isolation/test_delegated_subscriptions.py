"""A provider's principal that is registered with customer A also sees subscriptions of customers B and C, through
Azure Lighthouse. Each customer sees only its own subscription.

The sandbox answers the principal's requests for all three subscriptions, so only Surety itself keeps the subscriptions
of B and C out of customer A. Only a principal of the organization reads delegated subscriptions, after they have been
assigned (docs/adr/0018-azure-lighthouse.md). test_lighthouse.py tests this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Unit
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from tenants.models import Organization, Subscription, Tenant
from tenants.roles import ORGANIZATION_ROLES, Role
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.assessments.collect.azure import DIRECTORY, directory, guid, subscription
from tests.assessments.sandboxed_customer import Azure, Customer, sent
from tests.isolation.raw_sql import TENANT_TABLES, sql
from tests.signed_in import signed_in_client

OWN, OF_B, OF_C = guid(1), guid(2), guid(3)
HOMES = {OF_B: "b0000000-0000-0000-0000-00000000000b", OF_C: "c0000000-0000-0000-0000-0000000000cc"}
NAMES = {OF_B: "Bluebird payroll", OF_C: "Cormorant archive"}
# Tables of customer A that may name the foreign subscriptions, because administrators of the organization decide about
# these subscriptions. The tables contain no content of the subscriptions.
KNOWN = ("tenants_subscription", "tenants_directory")
PAGES = (
    "tenant changes findings findings-facets findings-csv exceptions exceptions-export attestations assessments reports"
    " journal journal-csv journal-chain tenant-settings parameters policy owner-rules owner-rule-add channels"
).split()


@dataclass
class Msp:
    organization: Organization
    a: Customer
    b: Tenant
    assessment: Assessment


def lines() -> Iterator[Any]:
    yield directory()
    for one in (OWN, OF_B, OF_C):
        for line in subscription(one):
            if line.get("subscriptionId"):
                line = {
                    **line,
                    "displayName": NAMES.get(one, "Alder production"),
                    "tenantId": HOMES.get(one, DIRECTORY),
                }
            yield json.loads(json.dumps(line).replace("rg-data", f"rg-{NAMES.get(one, 'alder').split()[0]}"))


@pytest.fixture(scope="module")
def msp(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Msp]:
    owner = factories.organization()
    azure = Azure(tmp_path_factory.mktemp("delegated"))
    azure.serve(lines())
    a = Customer(azure, factories.tenant(owner, "Alder"))
    b, c = factories.tenant(owner, "Bluebird"), factories.tenant(owner, "Cormorant")
    for tenant, home in ((b, HOMES[OF_B]), (c, HOMES[OF_C])):
        factories.directory(tenant, directory_id=home)
    principal = a.add()
    try:
        sent()
        yield Msp(owner, a, b, a.assess())
    finally:
        azure.close()
    assert principal.tenant_id == a.tenant.pk


def needles() -> list[str]:
    return [OF_B, OF_C, *HOMES.values(), "bluebird", "cormorant"]


def found_in(text: str) -> list[str]:
    folded = text.casefold()
    return [needle for needle in needles() if needle in folded]


@pytest.mark.slow(seconds=1)
def test_no_row_of_the_customer_has_content_of_another_customer(msp: Msp) -> None:
    with tenant_scope(msp.a.tenant.pk):
        assert {unit.azure_id for unit in Unit.objects.all()} == {OWN, DIRECTORY}
        assert {row.subscription_id for row in Subscription.objects.all()} == {OWN, OF_B, OF_C}
        for table in TENANT_TABLES:
            rows = sql(f"SELECT t::text FROM {table} t WHERE tenant_id = %s", msp.a.tenant.pk)
            assert table in KNOWN or [row for (row,) in rows if found_in(row)] == [], table


@pytest.mark.slow(seconds=1)
def test_no_request_reads_another_customers_subscription(msp: Msp) -> None:
    assert msp.a.azure.now is not None
    answered = msp.a.azure.now.http.get(f"{msp.a.azure.now.url}/_sandbox/requests").text
    assert OWN in answered
    assert found_in(answered) == []


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("role", [role for role in Role if role not in ORGANIZATION_ROLES])
def test_no_page_of_the_customer_shows_another_customers_subscription(msp: Msp, role: Role) -> None:
    client = signed_in_client(factories.member(role, msp.a.tenant))
    slug = msp.a.tenant.slug
    urls = [reverse(name, args=[slug]) for name in PAGES]
    urls += [reverse("assessment", args=[slug, msp.assessment.pk]), reverse("portfolio"), reverse("my")]
    urls += [reverse("palette") + f"?q={word}" for word in ("payroll", "archive")]
    urls.append(reverse("foreign-subscriptions", args=[msp.organization.slug]))
    for url in urls:
        assert found_in(body(client, url)) == [], url


def body(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code in (200, 403), url
    if response.streaming:
        return b"".join(response).decode()
    text: str = response.content.decode()
    return text


def test_no_report_line_names_another_customers_subscription(msp: Msp) -> None:
    with tenant_scope(msp.a.tenant.pk):
        report = Report(
            tenant=msp.a.tenant, assessment=msp.assessment, as_of=msp.assessment.created_at, number=1
        )
        facts = gather_facts(report, ensure_signing_identity())
    assert found_in(str(facts)) == []
    assert OWN in str(facts)


@pytest.mark.parametrize("name", ["foreign-subscriptions-assign", "foreign-subscriptions-exclude"])
def test_a_foreign_subscriptions_id_is_not_found(msp: Msp, name: str) -> None:
    """Administrators of the customer or of another organization cannot decide about the subscription, in whichever
    field they send its id.
    """
    stranger = factories.member(Role.ORGANIZATION_ADMINISTRATOR, factories.organization())
    with tenant_scope(msp.a.tenant.pk):
        row = Subscription.objects.get(subscription_id=OF_B)
    customer = signed_in_client(factories.member(Role.TENANT_ADMINISTRATOR, msp.a.tenant))
    for client in (customer, signed_in_client(stranger)):
        for value in (row.pk, OF_B, "x"):
            data = {"subscription": [value], "reason": "Mine", f"directory-{row.pk}": value}
            assert client.post(reverse(name, args=[msp.organization.slug]), data).status_code == 404
        url = reverse("foreign-subscription-undo", args=[msp.organization.slug, row.pk])
        assert client.post(url).status_code == 404
    with tenant_scope(msp.a.tenant.pk):
        assert set(Subscription.objects.values_list("decision", flat=True)) == {""}
    with organization_scope(msp.organization):
        assert not Subscription.objects.filter(tenant=msp.b).exists()
