"""Text in Azure that the database cannot store."""

from __future__ import annotations

import json

import pytest

from assessments.models import ResourceVersion, Unit
from tenants.scope import tenant_scope
from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import Azure, Customer
from tests.stored_versions import configuration

SUBSCRIPTION = guid(1)
HTTPS = "storage-secure-transfer"


@pytest.mark.slow(seconds=1)
def test_nobody_stops_an_assessment_with_a_tag(azure: Azure, customer: Customer) -> None:
    """If characters in a tag stopped the unit, everybody who may write tags could prevent assessments."""
    account = {
        "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/one",
        "name": "one",
        "type": "Microsoft.Storage/storageAccounts",
        "location": "westeurope",
        "kind": "StorageV2",
        "tags": {"a\0b": "c\0d", "e\ud800": "\udfff"},
        "properties": {"supportsHttpsTrafficOnly": False},
    }
    azure.serve([directory(), *subscription(SUBSCRIPTION), account])
    customer.add()
    units = customer.units(customer.assess())
    assert {unit.state for unit in units.values()} == {Unit.State.DONE}
    assert customer.findings()[HTTPS, "one"].outcome == "fail"
    with tenant_scope(customer.tenant.pk):
        contents = [json.dumps(configuration(row)) for row in ResourceVersion.objects.all()]
    assert any("c\\ufffdd" in content for content in contents)
