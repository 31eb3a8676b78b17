"""The resources of all customers: numbers as in each customer's inventory, and a search in these customers only."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Resource, ResourceCount
from portal.queries.inventory import all_customers
from portal.web.all_resources import views
from tenants.models import Subscription, Tenant
from tests import factories
from tests.for_each import for_each
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World, account, assess, make_customer

ACCOUNTS = "microsoft.storage/storageaccounts"


@pytest.fixture
def second(world: World) -> Tenant:
    tenant, _ = make_customer(world.organization, "Second", world.people["organization_engineer"], accounts=2)
    return tenant


@pytest.fixture
def client(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_engineer"])


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.replace("<wbr>", "")).split())


def listed(client: Client, address: str) -> int:
    """Return the number of resources that a customer's inventory states at this address."""
    found = re.search(r"(\d+) resources? ", text(client.get(address).content.decode()))
    assert found is not None
    return int(found[1])


def test_numbers_agree_with_the_inventory_of_each_customer(
    client: Client, world: World, second: Tenant
) -> None:
    everything = {
        tenant.slug: listed(client, reverse("inventory", args=[tenant.slug]))
        for tenant in (world.home, second)
    }
    opened = page(client, "all-resources", query=f"?open={ACCOUNTS}")
    assert f"{sum(everything.values())} resources of 2 customers" in text(opened)
    links = re.findall(r'href="(/t/([^/]+)/inventory/\?[^"]*)"(.*?)</a>', opened, re.DOTALL)
    assert {slug for _, slug, _ in links} == {world.home.slug, second.slug}
    numbers = []
    for address, _, line in links:
        stated = re.search(r"<strong>(\d+)</strong>", line)
        assert stated is not None
        assert listed(client, address) == int(stated[1]) > 0
        numbers.append(int(stated[1]))
    # The line of the type states the sum.
    assert f"Storage/storageAccounts {sum(numbers)} in 2 customers" in text(opened)
    # The customer with the most resources comes first.
    assert numbers == sorted(numbers, reverse=True)


def test_resources_of_an_excluded_subscription_are_counted_separately(client: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        subscription = Subscription.objects.get(tenant=world.home, display_name="Production")
        Subscription.objects.filter(pk=subscription.pk).update(included=False)
        counts = ResourceCount.objects.filter(unit=f"/subscriptions/{subscription.subscription_id}")
        number = sum(row.resources for row in counts)
    stated = f"({number} in subscriptions that are not assessed any more"
    assert number
    assert stated in text(page(client, "all-resources"))
    assert stated in text(page(client, "inventory", world.home.slug))
    assert "not assessed any more" not in text(page(client, "all-resources", query="?customer=second"))


@pytest.mark.slow(seconds=1)
def test_a_resource_that_is_gone_or_changes_its_type_is_counted_once(world: World) -> None:
    by = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        subscription = Subscription.objects.get(tenant=world.home, display_name="Production")
    one = account(subscription.subscription_id, "kept", safe=True)
    other = account(subscription.subscription_id, "odd", safe=True) | {
        "type": "MICROSOFT.Storage/StorageAccounts"
    }
    for accounts, wanted in (([one, other], 2), ([one], 1), ([], 0)):
        assess(world.home, subscription, accounts, by=by, groups=[])
        with factories.in_tenant(world.home):
            rows = ResourceCount.objects.filter(
                type=ACCOUNTS, unit=f"/subscriptions/{subscription.subscription_id}"
            )
            assert sum(row.resources for row in rows) == wanted
            existing = Resource.objects.filter(
                gone_at__isnull=True, unit=f"/subscriptions/{subscription.subscription_id}"
            )
            assert existing.filter(type__iexact=ACCOUNTS).count() == wanted


def test_types_are_written_as_azure_writes_them(client: Client, world: World) -> None:
    """Azure also returns types in lower case. If another spelling exists, the lower-case spelling is not shown."""
    with factories.in_tenant(world.home):
        one = Resource.objects.filter(tenant=world.home, type__iexact=ACCOUNTS, gone_at=None)[0]
        Resource.objects.filter(pk=one.pk).update(type=ACCOUNTS)
    for name, *of in (("all-resources",), ("inventory", world.home.slug)):
        shown = text(page(client, name, *of))
        assert "Storage/storageAccounts" in shown, name
        assert "storage/storageaccounts" not in shown.replace(ACCOUNTS, ""), name
    shown = text(page(client, "inventory", world.home.slug, query=f"?type={ACCOUNTS}"))
    assert "Type: Microsoft.Storage/storageAccounts" in shown
    # Rows that an earlier version of Surety wrote have no spelling of the type.
    with factories.in_tenant(world.home):
        ResourceCount.objects.update(spelling="")
    assert "Storage/storageaccounts" in text(page(client, "all-resources"))


@for_each(
    ("query", "customers"),
    [
        ("?customer=second", {"second"}),
        ("?label=gold", {"home", "second"}),
        ("?label=gold&customer=second", {"second"}),
        ("?label=none", set()),
        ("?customer=nobody", set()),
        (f"?type={ACCOUNTS.upper()}", {"home", "second"}),
        ("?type=microsoft.sql%2Fservers", set()),
        ("?location=westeurope", {"home", "second"}),
        ("?location=northeurope", set()),
        ("?location=%00&open=%00&all=%00", set()),
    ],
)
def test_filters(client: Client, world: World, second: Tenant, query: str, customers: set[str]) -> None:
    html = page(client, "all-resources", query=f"{query}&open={ACCOUNTS}")
    found = set(re.findall(r'href="/t/([^/]+)/inventory/', html))
    assert found == {world.home.slug if name == "home" else second.slug for name in customers}
    assert ("No resources match" in html) != bool(customers)


def test_spellings_of_a_region_are_equal(client: Client, world: World, second: Tenant) -> None:
    queries = (
        "",
        "?location=westeurope",
        f"?location=West+Europe&open={ACCOUNTS}",
        "?q=storage&location=westeurope",
    )

    def shown() -> list[str]:
        # Rows spell the region as Azure does, and the filter spells it as the address does. Make the spellings equal.
        texts = (text(page(client, "all-resources", query=query)) for query in queries)
        return [found.replace("West Europe", "westeurope") for found in texts]

    before = shown()
    with factories.in_tenant(second):
        assert Resource.objects.filter(location="westeurope").update(location="West Europe")
        assert ResourceCount.objects.filter(location="westeurope").update(location="West Europe")
    assert shown() == before


def test_a_search_finds_the_resources_of_the_persons_customers(
    client: Client, world: World, second: Tenant
) -> None:
    html = page(client, "all-resources", query="?q=storageaccounts")
    with factories.in_tenant(world.foreign):
        foreign = list(Resource.objects.values_list("name", flat=True))
    for tenant in (world.home, second):
        with factories.in_tenant(tenant):
            for row in Resource.objects.filter(type__iexact=ACCOUNTS):
                assert reverse("resource", args=[tenant.slug, row.pk]) in html
    assert foreign
    assert not any(name in html for name in foreign)
    assert world.foreign.slug not in page(client, "all-resources", query=f"?q={foreign[0]}")
    only = page(client, "all-resources", query="?q=storageaccounts&customer=second")
    assert f"/t/{world.home.slug}/inventory/" not in only
    assert f"/t/{second.slug}/inventory/" in only
    assert "No resources match" in page(client, "all-resources", query="?q=no-such-name")


def test_a_search_states_the_open_findings_of_the_inventory(client: Client, world: World) -> None:
    name = world.of(world.home)["resource"].name
    for query in (f"?q={name}", "?q=networkSecurityGroups", "?q=storageAccounts"):
        found = page(client, "all-resources", query=f"{query}&customer={world.home.slug}")
        own = page(client, "inventory", world.home.slug, query=query)
        numbers = re.findall(r'class="open-number">(\d+)|(not known)|(\d+) unknown', own)
        assert numbers or query == "?q=networkSecurityGroups"
        assert numbers == re.findall(r'class="open-number">(\d+)|(not known)|(\d+) unknown', found)


@pytest.mark.slow(seconds=1)
def test_a_search_has_limits(
    client: Client, world: World, second: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_FOUND", 1)
    monkeypatch.setattr(all_customers, "MAX_FOUND", 1)
    html = page(client, "all-resources", query="?q=storageaccounts")
    assert "These are the first 1 resource" in text(html)
    monkeypatch.setattr(all_customers, "MAX_SEARCHED", 3)
    html = text(page(client, "all-resources", query="?q=storageaccounts"))
    assert "Too many resources to search" in html
    assert "Too many" not in page(client, "all-resources", query="?q=storageaccounts&customer=second")


def test_an_opened_type_lists_few_customers_first(
    client: Client, world: World, second: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_MAX_CUSTOMERS", 1)
    html = page(client, "all-resources", query=f"?open={ACCOUNTS}")
    assert "Show 1 more customer" in html
    everything = page(client, "all-resources", query=f"?open={ACCOUNTS}&all={ACCOUNTS}")
    assert len(set(re.findall(r'href="/t/([^/]+)/inventory/', everything))) == 2


def test_owners_see_no_resources(world: World, sign_in: SignIn) -> None:
    html = page(sign_in(world.people["owner"]), "all-resources", query="?q=storageaccounts")
    assert "No customers to show" in html


@pytest.mark.slow(seconds=1)
def test_the_number_of_queries_does_not_grow_with_the_customers(
    client: Client, world: World, second: Tenant
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as made:
            page(client, "all-resources", query=f"?open={ACCOUNTS}")
            page(client, "all-resources", query="?q=storageaccounts")
        return len(made)

    queries()
    before = queries()
    make_customer(world.organization, "Third", world.people["organization_engineer"], accounts=2)
    assert queries() == before
