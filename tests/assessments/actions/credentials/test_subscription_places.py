"""A sign-in reads the tags of subscriptions and the management groups above them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessments.actions.credentials import sign_in
from tenants.actions import sync_subscriptions
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult
from tenants.models import ServicePrincipal, Subscription
from tenants.scope import tenant_scope
from tests.assessments.collect import azure
from tests.assessments.collect.azure import guid
from tests.assessments.sandboxed_customer import BY, Azure, Customer

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO = guid(1), guid(2)


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Customer]:
    found = Customer(Azure(tmp_path))
    yield found
    found.azure.close()
    sign_in._sessions.clear()


def lines(*extra: azure.Line) -> list[azure.Line]:
    group = "providers/Microsoft.Management/managementGroups"
    return [
        azure.directory(),
        {"id": f"/subscriptions/{ONE}", "displayName": "Shop", "tags": {"env": "prod", "n": 7}},
        {"id": f"/subscriptions/{TWO}", "displayName": "Lab"},
        {
            "id": f"/subscriptions/{ONE}/{group}/landing",
            "name": "landing",
            "properties": {"displayName": "Landing zones"},
        },
        *extra,
    ]


def discovered(customer: Customer, principal: ServicePrincipal) -> CredentialResult:
    with tenant_scope(customer.tenant.pk):
        principal = ServicePrincipal.objects.select_related("directory__tenant").get(pk=principal.pk)
    result = credentials.check(principal)
    assert result.subscriptions is not None
    with tenant_scope(customer.tenant.pk):
        sync_subscriptions(by=BY, service_principal=principal, discovered=result.subscriptions)
    return result


def stored(customer: Customer) -> dict[str, tuple[dict[str, str], list[list[str]]]]:
    with tenant_scope(customer.tenant.pk):
        return {
            row.display_name: (row.tags, row.management_groups)
            for row in Subscription.objects.order_by("display_name")
        }


def test_tags_and_groups_are_stored_and_kept_up_to_date(customer: Customer) -> None:
    customer.azure.serve(lines())
    principal = customer.add()
    discovered(customer, principal)
    assert stored(customer) == {
        "Lab": ({}, []),
        "Shop": ({"env": "prod"}, [["landing", "Landing zones"]]),
    }
    customer.azure_is(
        [
            azure.directory(),
            {"id": f"/subscriptions/{ONE}", "displayName": "Shop", "tags": {"env": "test"}},
        ]
    )
    discovered(customer, principal)
    assert stored(customer)["Shop"] == ({"env": "test"}, [])


def test_groups_that_cannot_be_read_keep_what_is_stored(customer: Customer) -> None:
    customer.azure.serve(lines())
    principal = customer.add()
    discovered(customer, principal)
    path = f"/subscriptions/{ONE}/providers/Microsoft.Management/managementGroups"
    customer.azure_is(lines(azure.answer(path, 403, {"error": {"code": "AuthorizationFailed"}})))
    result = discovered(customer, principal)
    assert result.subscriptions[0].management_groups is None
    assert stored(customer)["Shop"] == ({"env": "prod"}, [["landing", "Landing zones"]])


def test_ids_that_are_no_guids_are_skipped_with_a_stated_problem(customer: Customer) -> None:
    shop = {"subscriptionId": ONE, "displayName": "Shop", "state": "x" * 300}
    bad = [
        {"subscriptionId": "../no-guid", "displayName": "Bad"},
        {**shop, "subscriptionId": TWO, "tenantId": "none"},
    ]
    customer.azure.serve([*lines(), azure.answer("/subscriptions", 200, {"value": [*bad, shop]})])
    principal = customer.add()
    for _ in range(2):
        result = discovered(customer, principal)
        assert result.ok
        assert "2 subscriptions whose ID or directory ID is not a GUID: “../no-guid”" in result.error
        assert list(stored(customer)) == ["Shop"]
