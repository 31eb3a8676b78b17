"""The verdicts that generated estates of national clouds expect fit the services of these clouds."""

from __future__ import annotations

from tests.assessments.controls.judging import SUB, judge
from tests.sandbox.agreement import estates


def test_plan_of_cosmos_db_is_not_applicable_in_azure_government() -> None:
    plan, accounts = f"{SUB}/providers/Microsoft.Security/pricings/CosmosDbs", 0
    cloud = "AzureUSGovernment"
    for estate in estates(range(1, 9), (1.0,), cloud=cloud, resources=120):
        docs = {**estate.collected(("defender_pricings",)), "resources": estate.resources()}
        accounts += len(estate.of("Microsoft.DocumentDB/databaseAccounts"))
        assert plan not in {one["id"] for one in docs["defender_pricings"]}
        reached = judge("defender-plan-databases", docs, cloud=cloud)[plan].verdict
        assert estate.expected["defender-plan-databases"][plan] == str(reached.outcome) == "not_applicable"
    assert accounts
