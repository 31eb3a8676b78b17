"""Policies of just-in-time access are stored without the requests for access, because requests name people."""

from __future__ import annotations

from typing import Any

from assessments.estate.governance.just_in_time import without_requests
from tests.assessments.official.bodies_machines import SUBSCRIPTION


def test_requests_for_access_are_not_stored() -> None:
    (policy,) = next(iter(SUBSCRIPTION["jit_policies"].values()))
    assert "barbara@contoso.com" in str(policy)
    stored = without_requests(policy)
    assert "barbara@contoso.com" not in str(stored)
    assert stored["properties"] == {
        "virtualMachines": policy["properties"]["virtualMachines"],
        "provisioningState": "Succeeded",
    }


def test_a_policy_without_requests_stays_as_it_is() -> None:
    policies: list[dict[str, Any]] = [
        {"id": "/x"},
        {"properties": "none"},
        {"properties": {"virtualMachines": []}},
    ]
    for policy in policies:
        assert without_requests(policy) == policy
