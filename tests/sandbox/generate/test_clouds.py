"""For estates of national clouds, the generator expects verdicts that fit the services of these clouds."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.assessments.controls.judging import SUB, judge
from tests.sandbox.agreement import estates


@pytest.mark.slow(seconds=1)
def test_plan_of_cosmos_db_is_judged_in_azure_government_as_elsewhere() -> None:
    plan, cloud = f"{SUB}/providers/Microsoft.Security/pricings/CosmosDbs", "AzureUSGovernment"
    outcomes: Counter[str] = Counter()
    for estate in estates(range(1, 9), (1.0,), cloud=cloud, resources=120):
        docs = {
            **estate.collected(("defender_pricings", "cosmos_accounts")),
            "resources": estate.resources(),
        }
        assert plan in {one["id"] for one in docs["defender_pricings"]}
        outcome = str(judge("defender-plan-databases", docs, cloud=cloud)[plan].verdict.outcome)
        assert outcome == estate.expected["defender-plan-databases"][plan]
        outcomes[outcome] += 1
    assert outcomes["fail"]
